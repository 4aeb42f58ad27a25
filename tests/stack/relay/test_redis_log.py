"""The log on Redis keeps the contract, is on disk once answered, and never waits long or mixes answers up."""

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator

import pytest
from relay.log.log import Appended, Log, LogFull, LogUnavailable
from relay.log.post import Post
from relay.log.rules import Denied, Preconditions
from relay.log.token_buckets import TokenBucket
from relay.redis.append import NewEntry, call_for
from relay.redis.link import Link
from relay.redis.log import RedisLog
from relay.redis.names import Names
from relay.redis.script import Script

from tests.stack.relay.worker import RedisUnderTest
from tests.support.waiting import PATIENCE
from tests.unit.relay.log.amending_contract import AmendingContract
from tests.unit.relay.log.buckets_contract import BucketsContract, granted
from tests.unit.relay.log.log_contract import LogContract, MakeLog, filled
from tests.unit.relay.log.rules_contract import RulesContract
from tests.unit.relay.log.together_contract import TogetherContract, appended, together


@pytest.fixture
async def link(redis: RedisUnderTest) -> AsyncIterator[Link]:
    link = redis.link()
    yield link
    await link.close()


class TestRedisLog(LogContract, AmendingContract, RulesContract, BucketsContract, TogetherContract):
    @pytest.fixture
    def make_log(self, redis: RedisUnderTest, link: Link) -> MakeLog:
        def make(*, keep: int = 0, dedup_ttl: int = 60) -> Log:
            return RedisLog(link, Names(redis.prefix), keep=keep, dedup_ttl=dedup_ttl)

        return make


async def test_an_answered_append_survives_a_kill(redis: RedisUnderTest, link: Link) -> None:
    """Each of 20 entries is answered, and after `kill -9` of Redis each is there."""
    log = redis.log(link)
    await filled(log, 20)
    await redis.docker("kill", "--signal=KILL")
    await redis.docker("start")
    await redis.ready()
    assert [entry.seq for entry in (await log.read("tea")).entries] == list(range(1, 21))
    assert (await log.append("tea", Post("7", b"x"))).seq == 7


async def test_everything_is_under_the_prefix(redis: RedisUnderTest, link: Link) -> None:
    await redis.wipe()
    await filled(redis.log(link), 1)
    keys = await redis.command("KEYS", "*")
    assert keys
    assert all(key.startswith(redis.prefix.encode()) for key in keys)


async def test_a_silent_redis_is_unavailable_within_two_seconds(redis: RedisUnderTest, link: Link) -> None:
    """Callers that wait behind one another included; and a retry settles what became of it."""
    log = redis.log(link)
    await filled(log, 1)
    await redis.docker("pause")
    begun = time.monotonic()
    waits: list[float] = []

    async def ask(number: int) -> None:
        await asyncio.sleep(number * 0.01)
        asked = time.monotonic()
        with pytest.raises(LogUnavailable):
            await log.append("tea", Post(f"id{number}", b"x"))
        waits.append(time.monotonic() - asked)

    await asyncio.gather(*(ask(number) for number in range(300)))
    assert max(waits) < 2
    assert time.monotonic() - begun < 6
    await redis.docker("unpause")
    answers = [await log.append("tea", Post(f"id{number}", b"x")) for number in range(300)]
    assert sorted(answer.seq for answer in answers) == list(range(2, 302))
    assert (await log.head("tea")).seq == 301


async def test_a_redis_that_is_gone_is_unavailable(redis: RedisUnderTest, link: Link) -> None:
    log = redis.log(link)
    await redis.docker("kill")
    with pytest.raises(LogUnavailable):
        await log.append("tea", Post("1", b"x"))
    await redis.docker("start")
    await until_answered(log)
    assert (await log.append("tea", Post("1", b"x"))).seq == 1


async def test_a_closed_connection_is_replaced_unnoticed(redis: RedisUnderTest, link: Link) -> None:
    log = redis.log(link)
    await filled(log, 1)
    for number in range(5):
        await redis.command("CLIENT", "KILL", "TYPE", "normal")
        assert (await log.append("tea", Post(f"again{number}", b"x"))).seq == number + 2


async def test_a_restarted_redis_knows_the_script_again(redis: RedisUnderTest, link: Link) -> None:
    log = redis.log(link)
    await filled(log, 1)
    await redis.command("SCRIPT", "FLUSH")
    await filled(log, 10)
    assert (await log.head("tea")).seq == 10


async def test_no_late_reply_reaches_another_caller(redis: RedisUnderTest, link: Link) -> None:
    """Callers give up at random moments, Redis stalls; every answer still belongs to its question."""
    log = redis.log(link)
    answers: dict[str, Appended] = {}
    gave_up: set[str] = set()

    async def ask(id: str, patience: float) -> None:
        try:
            async with asyncio.timeout(patience):
                answers[id] = await log.append("tea", Post(id, id.encode()))
        except (TimeoutError, LogUnavailable):
            gave_up.add(id)

    async def insist(id: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while id not in answers:
                await ask(id, PATIENCE)

    for round in range(8):
        if round % 4 == 2:
            await redis.command("CLIENT", "PAUSE", "1200")
        hasty = (ask(f"{round}-{n}", 0.0005 * n) for n in range(100))
        patient = (insist(f"{round}-patient-{n}") for n in range(10))
        await asyncio.gather(*hasty, *patient)
    await until_answered(log)
    page = await log.read("tea", after=0, limit=2000)
    written = {entry.id: entry.seq for entry in page.entries}
    assert len(answers) >= 80, "those who insist are answered"
    assert len(gave_up) > 8, "others gave up"
    assert len(written) == len(page.entries)
    assert {id: answer.seq for id, answer in answers.items()} == {id: written[id] for id in answers}
    assert all(entry.data == entry.id.encode() for entry in page.entries)


async def until_answered(log: RedisLog) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await log.head("tea")
                return
            except LogUnavailable:
                await asyncio.sleep(0.05)


async def test_a_full_redis_refuses_and_changes_nothing(redis: RedisUnderTest, link: Link) -> None:
    log = redis.log(link)
    await filled(log, 1)
    await redis.command("CONFIG", "SET", "maxmemory", "1mb")
    try:
        with pytest.raises(LogUnavailable, match="maxmemory"):
            await log.append("tea", Post("more", b"x"))
    finally:
        await redis.command("CONFIG", "SET", "maxmemory", "0")
    assert (await log.append("tea", Post("more", b"x"))).seq == 2


async def test_a_full_redis_answers_each_of_a_call(redis: RedisUnderTest, link: Link) -> None:
    """What is a repetition gets its answer, and the others are refused."""
    log = redis.log(link)
    await filled(log, 1)
    ana = TokenBucket("ana", per_second=1, burst=9)
    await redis.command("CONFIG", "SET", "maxmemory", "1mb")
    try:
        posts = [Post("a", b"x", rates=[ana]), Post("1", b"x"), Post("b", b"x")]
        outcomes = await together(log, [("tea", post) for post in posts])
    finally:
        await redis.command("CONFIG", "SET", "maxmemory", "0")
    assert [type(outcome) for outcome in outcomes] == [LogFull, Appended, LogFull]
    assert (await log.append("tea", Post("b", b"x"))).seq == 2


async def test_a_call_that_reaches_redis_twice_appends_once(redis: RedisUnderTest, link: Link) -> None:
    """As after a connection that breaks before the reply."""
    names = Names(redis.prefix)
    rooms = [f"room {n % 3}" for n in range(30)]
    entries = [NewEntry.of(names, room, Post(str(n), b"x")) for n, room in enumerate(rooms)]
    script = Script(link, "bucket.lua", "append.lua")
    call = call_for(entries, names, keep=0, dedup_ttl=60)
    first, second = await script.run(call, call)
    assert [[*reply[:2], 1] for reply in first] == second
    assert [head.seq for head in (await redis.log(link).heads(rooms)).values()] == [10, 10, 10]


async def test_an_entry_that_ends_in_an_error_hurts_no_other(redis: RedisUnderTest, link: Link) -> None:
    log = redis.log(link)
    await redis.command("SET", Names(redis.prefix).log("broken"), "no stream")
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


async def test_an_amended_log_survives_a_kill(redis: RedisUnderTest, link: Link) -> None:
    log = await filled(redis.log(link), 50)
    await log.amend("tea", 20, "20", b"gone", "notice", b"notice")
    await log.rules.set("no tea", b"", 600)
    before = await log.read("tea")
    await redis.docker("kill", "--signal=KILL")
    await redis.docker("start")
    await redis.ready()
    assert await log.read("tea") == before
    assert list(await log.rules.all()) == ["no tea"]
    assert (await log.append("tea", Post("next", b"x"))).seq == 52


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
    await redis.command("SET", names.last_append("tea", "ana"), f"{ahead}000", "KEEPTTL")
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
