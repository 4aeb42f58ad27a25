"""What was missed heals by itself: lost broadcasts, dead connections, a Redis that is away, wiped or full."""

import asyncio
import secrets
import time
from typing import Any

from relay.log.log import LogUnavailable
from relay.log.post import Post
from relay.redis.names import Names

from tests.stack.relay.worker import Proxy, RedisUnderTest, Workers, until

HEALED = 10.0
"""Seconds that healing may take. It takes one to three while the machine has nothing else to do."""


class Muted(Names):
    """Names under which nobody listens: what is appended with them is a broadcast that got lost."""

    def live(self, room: str) -> str:
        return f"{self.prefix}nobody"


async def test_a_lost_broadcast_heals(redis: RedisUnderTest, worker: Workers) -> None:
    """The last of a room too, after which nothing shows that one is missing."""
    one = worker()
    member = await one.member()
    await one.hears()
    await one.say("heard")
    link = redis.link()
    for number in range(3):
        await redis.log(link, Muted).append("tea", Post(str(number), b"lost"))
    await until(lambda: len(member.told) >= 4, "the members are told", within=HEALED)
    await one.say("heard again")
    await until(lambda: len(member.told) >= 5, "the members are told")
    assert member.numbers == [1, 2, 3, 4, 5]
    await link.close()


async def test_killed_subscriptions_lose_nothing(redis: RedisUnderTest, worker: Workers) -> None:
    one, two = worker(), worker()
    members = [await one.member(), await two.member()]
    for each in (one, two):
        await each.hears()
    for number in range(200):
        if number % 40 == 0:
            assert await redis.command("CLIENT", "KILL", "TYPE", "pubsub") >= 1
        await one.say(str(number))
    took = await until(
        lambda: all(len(member.told) >= 200 for member in members), "all are told", within=HEALED
    )
    print(f"healed in {took * 1000:.0f} ms")
    assert all(member.numbers == list(range(1, 201)) for member in members)


async def test_a_paused_redis_makes_nobody_wait_and_heals(redis: RedisUnderTest, worker: Workers) -> None:
    """No answer later than 2 s, no false answer, the worker says what is wrong; then it is live again."""
    one, two = worker(), worker()
    members = [await one.member(), await two.member()]
    for each in (one, two):
        await each.hears()
    await one.say("before")
    await redis.docker("pause")
    ids = [secrets.token_hex(8) for _ in range(20)]

    async def ask(id: str) -> float:
        begun = time.monotonic()
        try:
            await one.say("during", id=id)
        except LogUnavailable:
            return time.monotonic() - begun
        raise AssertionError("answered by a paused Redis")

    assert max(await asyncio.gather(*(ask(id) for id in ids))) < 2
    await until(lambda: one.relay.problem() is not None, "the worker says that it is deaf", within=HEALED)
    assert "has not heard" in str(one.relay.problem())
    await asyncio.sleep(2)  # long enough for connections to have been given up and replaced
    await redis.docker("unpause")
    live = asyncio.gather(*(each.say_until_kept("after") for each in (one, two)))

    def live_again() -> bool:
        return all(sum(told.text == "after" for told in member.told) == 2 for member in members)

    took = await until(live_again, "live again", within=HEALED)
    print(f"healed in {took * 1000:.0f} ms")
    await live
    seqs = [await one.say("during", id=id) for id in ids]
    assert len(set(seqs)) == len(ids)
    total = (await one.relay.log.head("tea")).seq
    assert total == 3 + len(ids)
    await until(lambda: all(len(member.told) >= total for member in members), "all are told")
    assert all(member.numbers == list(range(1, total + 1)) for member in members)
    await until(lambda: one.relay.problem() is None, "the worker is ready again", within=HEALED)


async def test_a_connection_that_dies_without_a_word_is_replaced(proxy: Proxy, worker: Workers) -> None:
    """A network cut for this worker alone: it notices, and shows what the others wrote meanwhile."""
    cut_off, other = worker(proxy.redis), worker()
    member = await cut_off.member()
    for each in (cut_off, other):
        await each.hears()
    await other.say("before")
    await until(lambda: member.numbers == [1], "the member is told")
    proxy.cut()
    for number in range(20):
        await other.say(str(number))
    took = await until(lambda: len(member.told) >= 21, "the member is told", within=HEALED)
    print(f"healed in {took * 1000:.0f} ms")
    bus = cut_off.relay.manager._bus
    # Cut for about 3 s by now, without a probe in that time: this is a new connection's.
    await until(lambda: bus.silent_for() < 1, "the worker hears itself again", within=HEALED)
    on_redis = cut_off.relay.manager.on_redis()
    assert on_redis is not None
    heals = on_redis.catch_ups
    await other.say("live again")
    await until(lambda: len(member.told) >= 22, "the member is told", within=HEALED)
    assert on_redis.catch_ups == heals, "live, and not by comparing with the log a second later"
    assert member.numbers == list(range(1, 23))


async def test_a_killed_redis_loses_nothing(redis: RedisUnderTest, worker: Workers) -> None:
    """What was answered is there after the restart, in the same epoch, and everybody goes on."""
    one, two = worker(), worker()
    members = [await one.member(), await two.member()]
    for each in (one, two):
        await each.hears()
    for number in range(50):
        await one.say(str(number))
    await redis.docker("kill", "--signal=KILL")
    waiting = asyncio.gather(*(two.say_until_kept(f"later{number}") for number in range(20)))
    await asyncio.sleep(0.5)
    await redis.docker("start")
    await redis.ready()
    took = await until(
        lambda: all(len(member.told) >= 70 for member in members), "all are told", within=HEALED
    )
    print(f"healed in {took * 1000:.0f} ms")
    await waiting
    assert all(member.numbers == list(range(1, 71)) for member in members)
    assert len({told.epoch for told in members[0].told}) == 1


async def test_a_wiped_log_begins_again(redis: RedisUnderTest, worker: Workers) -> None:
    """Members are told the new log's entries from its first, in its own epoch."""
    one = worker()
    member = await one.member()
    await one.hears()
    for number in range(5):
        await one.say(str(number))
    await until(lambda: len(member.told) >= 5, "all are told")
    await redis.wipe()
    for number in range(3):
        await one.say(str(number))
    await until(lambda: len(member.told) >= 8, "the new ones are told", within=HEALED)
    assert member.numbers == [1, 2, 3, 4, 5, 1, 2, 3]
    old, new = member.told[0].epoch, member.told[5].epoch
    assert old != new
    page, reset = await one.relay.resume("tea", after=5, epoch=old)
    assert reset
    assert [entry.seq for entry in page.entries] == [1, 2, 3]
    assert not (await one.relay.resume("tea", after=1, epoch=new)).reset


async def test_a_cleared_log_begins_again_for_members_that_do_not_know(
    redis: RedisUnderTest, worker: Workers
) -> None:
    """Nobody is told that a log was cleared. Who comes back with its numbers gets nothing of it, and members
    on every worker are told what comes next in its own epoch."""
    one, other = worker(), worker()
    members = [await one.member(), await other.member()]
    for each in (one, other):
        await each.hears()
    for number in range(5):
        await one.say(str(number))
    await until(lambda: all(len(member.told) == 5 for member in members), "all are told")
    old = members[0].told[0].epoch
    await one.relay.log.clear("tea")
    for each in (one, other):
        page, reset = await each.relay.resume("tea", after=5, epoch=old)
        assert (reset, page.entries, page.head.seq) == (True, [], 0)
    await one.say("again")
    await until(
        lambda: all(len(member.told) == 6 for member in members), "the new one is told", within=HEALED
    )
    for member in members:
        assert member.numbers == [1, 2, 3, 4, 5, 1]
        assert member.told[5].epoch != old
    for each in (one, other):
        page, reset = await each.relay.resume("tea", after=5, epoch=old)
        assert (reset, [entry.seq for entry in page.entries]) == (True, [1])


async def test_a_client_that_joined_while_redis_was_away_gets_entries_once_it_is_back(
    redis: RedisUnderTest, worker: Workers
) -> None:
    one = worker()
    await one.hears()
    await redis.docker("kill")
    member = await one.connect()
    try:
        await one.relay.join(member.sid, "tea")
    except LogUnavailable:
        pass
    else:
        raise AssertionError("joined a log that is away")
    await redis.docker("start")
    await redis.ready()

    async def told() -> bool:
        await one.say_until_kept("hello")
        return len(member.told) > 0

    await until(told, "entries are told", within=HEALED)


async def test_a_worker_that_cannot_write_says_so(redis: RedisUnderTest, worker: Workers) -> None:
    """Hearing is not enough: a Redis that is full to the end of its reserve takes nothing."""
    one = worker()
    await one.hears()
    await redis.limit(await redis.used() // 2)
    try:
        await until(lambda: one.relay.problem() is not None, "the worker says so", within=HEALED)
        assert "maxmemory" in str(one.relay.problem())
    finally:
        await redis.limit(0)
    await until(lambda: one.relay.problem() is None, "the worker is ready again", within=HEALED)


async def test_an_emit_whose_answer_was_lost_reaches_the_other_workers_once(
    proxy: Proxy, worker: Workers
) -> None:
    """Nobody knows whether Redis had it when the connection broke, and it is not sent again."""
    one, two = worker(proxy.redis), worker()
    member = await two.member()
    for each in (one, two):
        await each.hears()
    proxy.withhold_answers()
    emits = [
        asyncio.create_task(one.relay.emit_volatile("typing", 1, "tea")),
        asyncio.create_task(one.server.emit("plain", 2)),
    ]
    expected: list[list[Any]] = [["typing", 1], ["plain", 2]]
    await until(lambda: sorted(member.others()) == sorted(expected), "both have reached the other worker")
    proxy.break_all()
    await asyncio.gather(*emits)
    await one.server.emit("end")
    await until(lambda: ["end"] in member.others(), "an emit after that")
    assert sorted(member.others()) == sorted([*expected, ["end"]])
