"""Which clients a user has is known on all workers, also after one was killed and after Redis was away."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from relay import LogUnavailable, Options, Relay
from relay.redis.bus import ALIVE

from tests.stack.relay.worker import RedisUnderTest
from tests.support.waiting import PATIENCE


@pytest.fixture
async def workers(redis: RedisUnderTest) -> AsyncIterator[list[Relay]]:
    workers = [Relay.on_redis(redis.url, options=Options(prefix=redis.prefix)) for _ in range(2)]
    for each in workers:
        each.manager.initialize()
        await ready(each)
    yield workers
    for each in workers:
        await each.manager.stop()


async def ready(relay: Relay) -> None:
    async with asyncio.timeout(PATIENCE):
        while relay.problem() is not None:
            await asyncio.sleep(0.05)


async def becomes(relay: Relay, name: str, *sids: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while await relay.connections.of(name) != {*sids}:
            await asyncio.sleep(0.1)


async def test_clients_of_a_worker_that_was_killed_do_not_count(workers: list[Relay]) -> None:
    killed, other = workers
    assert await killed.connections.add("a1", "ana")
    assert not await other.connections.add("a2", "ana")
    assert await killed.connections.take("a1", "host")
    assert not await other.connections.take("a2", "host")
    killed.connections._wanted.clear()  # it takes no client out then, as if it were killed
    await killed.manager.stop()
    await becomes(other, "ana", "a2")
    assert await other.connections.take("a2", "host")
    assert await other.connections.remove("a2", "ana")


async def test_what_is_left_of_a_worker_that_stops_counts_no_more(workers: list[Relay]) -> None:
    """Nobody waits until it is taken for dead. What others added stays."""
    stops, other = workers
    for number in range(250):
        await stops.connections.add(f"task {number}", f"tasks {number % 3}")
    assert await stops.connections.take("bot", "role")
    await other.connections.add("task", "tasks 1")
    await stops.manager.stop()
    assert await other.connections.of("role") == await other.connections.of("tasks 0") == set()
    assert await other.connections.of("tasks 1") == {"task"}


async def test_a_worker_stops_though_redis_is_away(redis: RedisUnderTest, workers: list[Relay]) -> None:
    stops, other = workers
    await stops.connections.add("bot", "role")
    await redis.docker("pause")
    async with asyncio.timeout(PATIENCE):
        await stops.manager.stop()
    await redis.docker("unpause")
    await becomes(other, "role")


async def test_all_clients_count_after_redis_was_away(redis: RedisUnderTest, workers: list[Relay]) -> None:
    """For so long that no probe is left. Who left meanwhile is taken out."""
    one, other = workers
    await one.connections.add("a1", "ana")
    await one.connections.add("a2", "ana")
    await redis.docker("pause")
    with pytest.raises(LogUnavailable):
        await one.connections.remove("a2", "ana")
    began = time.monotonic()
    while time.monotonic() < began + ALIVE + 1:
        with pytest.raises(LogUnavailable):
            await other.connections.of("ana")
        await asyncio.sleep(0.1)
    await redis.docker("unpause")
    await redis.ready()
    while True:
        try:
            first = await other.connections.add("a3", "ana")
            break
        except LogUnavailable:
            await asyncio.sleep(0.05)
    assert not first
    await becomes(other, "ana", "a1", "a3")


async def test_a_worker_that_was_cut_off_puts_its_clients_back(workers: list[Relay]) -> None:
    """Its connections are replaced. Somebody had taken its client out."""
    one, other = workers
    await one.connections.add("a1", "ana")
    await other.values.delete("clients ana")
    one.manager._subscribed(one.manager.channel)
    await becomes(other, "ana", "a1")
