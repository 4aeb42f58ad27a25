"""What an application can do nothing about while it happens, it learns of afterwards: that a connection to
Redis broke."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing

import pytest
from relay import Options, Relay

from tests.stack.relay.test_server_on_redis import served
from tests.stack.relay.worker import RedisUnderTest, until
from tests.support.served import Served
from tests.support.waiting import soon
from tests.unit.relay.following_contract import Reader, say

HEALED = 10.0
"""Seconds that healing may take. It takes one to three while the machine has nothing else to do."""


@pytest.fixture
async def workers(redis: RedisUnderTest) -> AsyncIterator[list[Served]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(served(redis)) for _ in range(2)]


async def test_who_follows_a_room_misses_nothing_when_connections_break(
    redis: RedisUnderTest, workers: list[Served]
) -> None:
    one, two = workers
    async with Reader(one.relay, "tea") as reader:
        await say(two, "before")
        await reader.reads("before")
        for number in range(100):
            if number % 20 == 0:
                assert await redis.command("CLIENT", "KILL", "TYPE", "pubsub") >= 1
            await say(two, str(number))
        await until(lambda: len(reader.texts) > 100, "all to be read", within=HEALED)
        assert reader.numbers == list(range(1, 102))
        assert reader.resets == 0


async def test_who_follows_a_room_waits_while_redis_is_away(
    redis: RedisUnderTest, workers: list[Served]
) -> None:
    one, two = workers
    async with Reader(one.relay, "tea") as reader:
        await say(two, "before")
        await reader.reads("before")
        await redis.docker("pause")
        await until(
            lambda: one.relay.problem() is not None, "the worker to say that it is deaf", within=HEALED
        )
        async with Reader(one.relay, "tea") as newcomer:
            await redis.docker("unpause")
            await until(lambda: two.relay.problem() is None, "the other to be heard again", within=HEALED)
            await say(two, "after")
            await until(lambda: len(newcomer.texts) == 2, "the newcomer to read all", within=HEALED)
            await until(lambda: len(reader.texts) == 2, "all to be read", within=HEALED)
            assert reader.numbers == newcomer.numbers == [1, 2]


async def test_who_follows_a_room_at_a_worker_that_was_not_started_is_told_so(redis: RedisUnderTest) -> None:
    """Nothing would ever come."""
    relay = Relay.on_redis(redis.url, options=Options(prefix=redis.prefix))
    async with aclosing(relay.follow("tea")) as pages:
        with pytest.raises(RuntimeError, match=r"Await server\.start\(\) first"):
            await anext(pages)


async def test_a_worker_that_just_started_was_not_interrupted(workers: list[Served]) -> None:
    ana = await workers[0].visitor()
    await workers[1].server.emit("hello")
    await ana.hears(("/", "hello"))
    assert [worker.relay.interruptions for worker in workers] == [0, 0]


async def test_a_connection_that_was_replaced_is_told_when_emits_arrive_again(
    redis: RedisUnderTest, workers: list[Served]
) -> None:
    one, two = workers
    ana = await one.visitor()
    assert await redis.command("CLIENT", "KILL", "TYPE", "pubsub") >= 2
    for worker in workers:
        await soon(lambda worker=worker: worker.relay.interruptions, what="the interruption to be told")  # type: ignore[misc]
    await two.server.emit("look again")
    await ana.hears(("/", "look again"))
    assert [worker.relay.interruptions for worker in workers] == [1, 1]
    assert [worker.relay.problem() for worker in workers] == [None, None]


async def test_an_emit_that_could_not_be_sent_is_an_interruption(
    redis: RedisUnderTest, workers: list[Served]
) -> None:
    """It counts when emits arrive again, once however many there were."""
    one, two = workers
    ana = await two.visitor()
    await redis.docker("pause")
    for _ in range(3):
        await one.server.emit("maybe lost")  # Redis may have it, and publish it when it goes on
    assert one.relay.interruptions == 0
    await redis.docker("unpause")
    await soon(lambda: one.relay.interruptions, what="the interruption to be told")
    await one.server.emit("look again")
    await soon(lambda: ("/", "look again") in ana.heard, what="the other worker to be told")
    assert one.relay.interruptions == 1
