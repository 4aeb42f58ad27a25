"""The log on Redis keeps the contract, is on disk once answered, and never waits long or mixes answers up."""

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator

import pytest
from relay.log.log import Appended, Log, LogUnavailable
from relay.log.post import Post
from relay.log.records import Records
from relay.log.rules import Denied, Preconditions, Rule
from relay.log.token_buckets import TokenBucket
from relay.redis.append import ENTRY, Lets, NewEntry, call_for
from relay.redis.buckets import RedisBuckets
from relay.redis.changes import KEPT
from relay.redis.link import Link
from relay.redis.log import RedisLog
from relay.redis.names import Names
from relay.redis.records import RedisRecords
from relay.redis.ruling import Ruling
from relay.redis.script import Script
from relay.redis.worker_buckets import WorkerBuckets

from tests.stack.relay.worker import RedisUnderTest
from tests.support.waiting import PATIENCE
from tests.unit.relay.log.buckets_contract import granted
from tests.unit.relay.log.log_contract import MakeLog, filled
from tests.unit.relay.log.together_contract import appended, together
from tests.unit.relay.log.whole_contract import WholeContract


class Contract(WholeContract):
    @pytest.fixture
    def records(self, redis: RedisUnderTest, link: Link) -> Records:
        return RedisRecords(link, Names(redis.prefix))


class TestRedisLog(Contract):
    @pytest.fixture
    def make_log(self, redis: RedisUnderTest, link: Link) -> MakeLog:
        def make(*, keep: int = 0, dedup_ttl: int = 60) -> Log:
            return RedisLog(link, Names(redis.prefix), keep=keep, dedup_ttl=dedup_ttl)

        return make


@pytest.fixture
async def make_log_of_a_worker(redis: RedisUnderTest, link: Link) -> AsyncIterator[MakeLog]:
    """Makes logs, each of which lets posts in by its own copy of each bucket."""
    made: list[WorkerBuckets] = []

    def make(*, keep: int = 0, dedup_ttl: int = 60) -> Log:
        names = Names(redis.prefix)
        made.append(WorkerBuckets(RedisBuckets(link, names)))
        return RedisLog(link, names, made[-1], keep=keep, dedup_ttl=dedup_ttl)

    yield make
    # Buckets that are only forgotten charge a second later, over a connection that nobody closes.
    await asyncio.gather(*(buckets.stop() for buckets in made))


class TestLogOfAWorker(Contract):
    @pytest.fixture
    def make_log(self, make_log_of_a_worker: MakeLog) -> MakeLog:
        return make_log_of_a_worker


async def test_what_one_worker_let_in_is_missing_at_the_next(
    redis: RedisUnderTest, make_log_of_a_worker: MakeLog
) -> None:
    """Within a second or two. So somebody who goes from worker to worker has no more over time."""
    names, ana = Names(redis.prefix), TokenBucket("ana", per_second=0.01, burst=6)
    first, second = make_log_of_a_worker(), make_log_of_a_worker()
    assert await granted(first, ana, 3) == 3
    await charged(redis, names.bucket("ana"), seconds=250)
    assert await granted(second, ana, 1) == 1
    await charged(redis, names.bucket("ana"), seconds=350)
    await second.head("tea")  # comes behind the reply to the charge
    assert await granted(second, ana, 9) == 2


async def charged(redis: RedisUnderTest, bucket: str, seconds: float) -> None:
    """Return once a bucket takes longer than that to be full again."""
    async with asyncio.timeout(PATIENCE):
        while await redis.command("PTTL", bucket) < seconds * 1000:
            await asyncio.sleep(0.05)


async def test_everything_is_under_the_prefix(redis: RedisUnderTest, link: Link) -> None:
    await redis.wipe()
    await filled(redis.log(link), 1)
    keys = await redis.command("KEYS", "*")
    assert keys
    assert all(key.startswith(redis.prefix.encode()) for key in keys)


async def test_a_call_that_reaches_redis_twice_appends_once(redis: RedisUnderTest, link: Link) -> None:
    """As after a connection that breaks before the reply."""
    names = Names(redis.prefix)
    rooms = [f"room {n % 3}" for n in range(30)]
    posts = [(names.of(room), Post(str(n), b"x")) for n, room in enumerate(rooms)]
    entries = [NewEntry.of(room, post, Ruling(0, {})).letting(Lets.LOG) for room, post in posts]
    script = Script(link, *ENTRY, "append.lua")
    call = call_for(entries, in_cluster=False, keep=0, dedup_ttl=60)
    first, second = await script.run(call, call)
    assert [[*reply[:2], 1] for reply in first] == second
    assert [head.seq for head in (await redis.log(link).heads(rooms)).values()] == [10, 10, 10]


async def test_an_entry_that_ends_in_an_error_hurts_no_other(redis: RedisUnderTest, link: Link) -> None:
    log = redis.log(link)
    await redis.command("SET", Names(redis.prefix).of("broken").log, "no stream")
    outcomes = await together(log, [(room, Post("1", b"x")) for room in ("tea", "broken", "milk")])
    assert [type(outcome) for outcome in outcomes] == [Appended, LogUnavailable, Appended]
    assert "WRONGTYPE" in str(outcomes[1])


async def test_many_at_once_take_few_calls(redis: RedisUnderTest, link: Link) -> None:
    log = redis.log(link)
    await filled(log, 1)
    await redis.command("CONFIG", "RESETSTAT")
    appended(await together(log, [("tea", Post(f"more {n}", b"x")) for n in range(128)]))
    stats = await redis.command("INFO", "commandstats")
    assert stats["cmdstat_evalsha"]["calls"] == 2
    page = await log.read("tea", after=1)
    assert [entry.id for entry in page.entries] == [f"more {n}" for n in range(128)]


@pytest.mark.parametrize("seq", [1, 2, 40, 150, 299, 300])
async def test_what_was_amended_is_gone_from_redis(redis: RedisUnderTest, link: Link, seq: int) -> None:
    """From the dump of every key at once, and from the file on disk once Redis has rewritten it. To delete a
    stream's entry would not do: its node keeps the text."""
    log, secret = redis.log(link), b"a-secret-that-has-to-go"
    for number in range(1, 301):
        await log.append(
            "tea", Post(str(number), secret if number == seq else b"said by others" * (number % 9))
        )
    dumped = await dump(redis)
    assert secret in dumped
    await log.amend("tea", seq, str(seq), b"gone", "notice", b"notice")
    assert secret not in await dump(redis)
    assert len((await log.read("tea", after=0, limit=999)).entries) == 301
    await redis.command("BGREWRITEAOF")
    async with asyncio.timeout(PATIENCE):
        while secret in await on_disk(redis):
            await asyncio.sleep(0.1)


async def test_a_clock_set_back_keeps_nobody_waiting(redis: RedisUnderTest, link: Link) -> None:
    """What a bucket and a pace remember of before is a time to come, here a day ahead."""
    log, names = redis.log(link), Names(redis.prefix)
    ana, preconditions = (
        TokenBucket("ana", per_second=0.01, burst=3),
        Preconditions(slow_mode="pace", sender="ana"),
    )
    await log.rules.set("pace", b"30")
    await log.append("tea", Post("1", b"x", preconditions=preconditions, rates=[ana]))
    ahead = int(time.time()) + 86_400
    await redis.command("SET", names.bucket("ana"), f"{ahead}000000", "KEEPTTL")
    await redis.command("HSETEX", names.of("tea").spoke, "KEEPTTL", "FIELDS", "1", "ana", f"{ahead}000")
    assert (await log.append("tea", Post("2", b"x", preconditions=preconditions, rates=[ana]))).seq == 2
    with pytest.raises(Denied):
        await log.append("tea", Post("3", b"x", preconditions=preconditions, rates=[ana]))
    assert await granted(log, ana, 9) == 2


async def dump(redis: RedisUnderTest) -> bytes:
    """What a backup would hold of every key; Redis compresses nothing as short as these."""
    await redis.command("CONFIG", "SET", "rdbcompression", "no")
    return b"".join([await redis.command("DUMP", key) for key in await redis.command("KEYS", "*")])


async def on_disk(redis: RedisUnderTest) -> bytes:
    found = await asyncio.to_thread(
        subprocess.run,
        ["docker", "exec", redis.container, "/bin/sh", "-c", "cat /data/appendonlydir/*"],
        check=False,  # a file may go while it is read
        capture_output=True,
    )
    return found.stdout


async def test_no_append_passes_a_rule_that_stands_by_then(redis: RedisUnderTest) -> None:
    """Also where nobody is told of it. One that was dropped keeps nobody out."""
    first, second = redis.link(), redis.link()
    one, two, rules = redis.log(first), redis.log(second), Preconditions(deny=("no tea",))
    for number in range(20):
        await two.append("tea", Post(f"before {number}", b"x", preconditions=rules))
        await one.rules.set("no tea", b"why")
        with pytest.raises(Denied):
            await two.append("tea", Post(f"denied {number}", b"x", preconditions=rules))
        assert (await two.append("tea", Post(f"before {number}", b"x", preconditions=rules))).duplicate
        await one.rules.drop("no tea")
    for link in (first, second):
        await link.close()


async def test_rules_hold_after_their_version_was_lost(redis: RedisUnderTest, link: Link) -> None:
    log, rules = redis.log(link), Preconditions(deny=("no tea",))
    await log.rules.set("no tea", b"why")
    await redis.command("DEL", Names(redis.prefix).rules_version)
    with pytest.raises(Denied):
        await log.append("tea", Post("1", b"x", preconditions=rules))
    await log.rules.drop("no tea")
    assert (await log.append("tea", Post("1", b"x", preconditions=rules))).seq == 1


async def test_an_append_that_a_change_of_rules_overtakes_is_appended_once(redis: RedisUnderTest) -> None:
    """It is sent by the old rules, refused, and sent once more."""
    first, second = redis.link(), redis.link()
    one, two = redis.log(first), redis.log(second)
    await two.append("tea", Post("0", b"x"))
    posts = [("tea", Post(str(number), b"x")) for number in range(1, 101)]
    _, outcomes = await asyncio.gather(one.rules.set("no milk", b""), together(two, posts))
    appended(outcomes)
    page = await two.read("tea", after=1)
    assert sorted(int(entry.id) for entry in page.entries) == list(range(1, 101))
    for link in (first, second):
        await link.close()


async def test_ten_thousand_rules_are_read_with_the_time_that_each_has_left(
    redis: RedisUnderTest, link: Link
) -> None:
    names, log = Names(redis.prefix), redis.log(link)
    values = [word for number in range(9_999) for word in (f"rule {number}", str(number))]
    await redis.command("HSET", names.rules, *values)
    await log.rules.set("the last", b"x", 60)
    found = await log.rules.all()
    assert len(found) == 10_000
    assert found["rule 1234"] == Rule(b"1234", None)
    assert found["the last"] == Rule(b"x", 60)


async def test_what_changed_in_a_partition_that_nobody_watches_does_not_pile_up(
    redis: RedisUnderTest, link: Link
) -> None:
    names, log = Names(redis.prefix), RedisLog(link, Names(redis.prefix), keep=0, dedup_ttl=60)
    room, *others = [room for room in map(str, range(2000)) if names.of(room).partition.number == 7]
    changed = names.partition(7).changed_logs
    old = 1_000 * (int((await redis.command("TIME"))[0]) - 61)
    await redis.command("ZADD", changed, *(word for other in others for word in (str(old), other)))
    await log.append(room, Post("1", b"x"))
    assert await redis.command("ZRANGE", changed, "0", "-1") == [room.encode()]
    assert 0 < await redis.command("TTL", changed) <= KEPT
