"""Two workers on one Redis, which comes and goes."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from chat.settings import Settings
from relay import manager

from tests.support.waiting import soon
from tests.unit.redis_stub import RedisStub
from tests.unit.wire import Chat, Client, Log


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorter times, which still hold on a busy machine."""
    times = {"ANSWER_WITHIN": 0.5, "PROBE_EVERY": 0.1, "DEAF_AFTER": 0.8, "RETRY_AT_MOST": 0.1}
    for name, seconds in times.items():
        monkeypatch.setattr(manager, name, seconds)


@pytest.fixture
async def redis() -> AsyncIterator[RedisStub]:
    stub = RedisStub()
    await stub.start()
    yield stub
    await stub.stop()


@pytest.fixture
async def pair(hurry: None, redis: RedisStub, bundle: Path, log: Log) -> AsyncIterator["Pair"]:
    settings = Settings(port=0, client_bundle=bundle, redis_url=redis.url)
    async with Chat(settings) as one, Chat(settings) as other:
        pair = Pair(one, other)
        await pair.is_healthy()
        yield pair
        for client in pair.clients:
            await client.disconnect()
    assert log.tracebacks == []


class Pair:
    """Two workers and somebody on each."""

    def __init__(self, one: Chat, other: Chat) -> None:
        self.one = one
        self.other = other
        self.clients: list[Client] = []

    async def health(self) -> httpx.Response:
        return await self.one.http.get("/health")

    async def is_healthy(self, *, within: float = 5) -> None:
        deadline = time.monotonic() + within
        for chat in (self.one, self.other):
            while (await chat.http.get("/health")).status_code != 200:
                assert time.monotonic() < deadline, "a worker did not become healthy in time"

    async def is_unhealthy(self, *, within: float = 5) -> httpx.Response:
        deadline = time.monotonic() + within
        while (response := await self.health()).status_code == 200:
            assert time.monotonic() < deadline, "the worker noticed nothing in time"
        return response

    async def people(self) -> tuple[Client, Client]:
        ana, ben = await self.one.client("websocket"), await self.other.client("websocket")
        self.clients += [ana, ben]
        return ana, ben


async def test_people_on_different_workers_hear_each_other_once(pair: Pair) -> None:
    """In both directions."""
    ana, ben = await pair.people()
    assert (await ana.say("from one"))["ok"]
    await ben.hears("from one")
    assert (await ben.say("from the other"))["ok"]
    await ana.hears("from one", "from the other")
    await ben.hears("from one", "from the other")


async def test_redis_away_is_named_by_health_and_to_senders_and_heals_by_itself(
    pair: Pair, redis: RedisStub
) -> None:
    """503 with the reason; `unavailable`; and broadcasts cross workers again without a restart."""
    ana, ben = await pair.people()
    await redis.stop()
    unhealthy = await pair.is_unhealthy()
    assert unhealthy.status_code == 503
    assert unhealthy.json()["detail"].startswith("redis: ")
    assert (await pair.one.http.get("/health/live")).status_code == 200
    assert (await ana.say("into the void"))["error"] == "unavailable"
    await redis.start()
    await pair.is_healthy()
    assert (await ana.say("back again"))["ok"]
    await ben.hears("back again")


async def test_a_silent_redis_counts_as_down(pair: Pair, redis: RedisStub) -> None:
    """It accepts and never answers: nobody waits for long, and everything heals when it speaks again."""
    ana, ben = await pair.people()
    redis.silent = True
    started = time.monotonic()
    assert (await ana.say("is anybody there?"))["error"] == "unavailable"
    assert time.monotonic() - started < 2
    assert "no answer within 0.5 s" in (await pair.is_unhealthy()).json()["checks"]["redis"]
    await soon(lambda: pair.one.relay.manager.heard_at < time.monotonic() - 0.8, within=5, what="being deaf")
    assert (await pair.health()).json()["checks"]["bus"] == "the worker does not hear its own broadcasts"
    redis.silent = False
    await pair.is_healthy()
    assert (await ana.say("good"))["ok"]
    await ben.hears("good")


async def test_a_cut_subscription_is_renewed(pair: Pair, redis: RedisStub) -> None:
    """Nobody has to notice; one connection is left for each worker, not one more with every cut."""
    ana, ben = await pair.people()
    for n in range(3):
        cut = redis.cut_subscribers()
        await soon(lambda: len(redis.listening - cut) == 2, within=5, what="two new subscribers")  # noqa: B023
        await soon(lambda: len(redis.listening) == 2, within=5, what="only two subscribers")
        await pair.is_healthy()
        assert (await ana.say(f"number {n}"))["ok"]
    await ben.hears("number 0", "number 1", "number 2")


async def test_a_connection_that_hangs_is_given_up(pair: Pair, redis: RedisStub) -> None:
    """It is open and says nothing, and only a new one will do."""
    ana, ben = await pair.people()
    redis.hang()
    await pair.is_unhealthy()
    await soon(lambda: len(redis.listening) == 2, within=5, what="two new subscribers")
    await pair.is_healthy()
    assert (await ana.say("on a new line"))["ok"]
    await ben.hears("on a new line")


async def test_a_worker_that_is_deaf_says_so_though_redis_answers(pair: Pair, redis: RedisStub) -> None:
    """What it publishes is taken, and what it subscribed to never comes."""
    redis.deaf = True
    checks = (await pair.is_unhealthy()).json()["checks"]
    assert checks["redis"] == "ok"
    assert checks["bus"] == "the worker does not hear its own broadcasts"
    redis.deaf = False
    await pair.is_healthy()


async def test_an_outage_is_two_lines_in_the_log(pair: Pair, redis: RedisStub, log: Log) -> None:
    """One when the bus goes and one when it is back, for each worker, however many attempts were between."""
    before = len(log.lines)
    await redis.stop()
    await soon(lambda: "down" in " ".join(log.lines[before:]), within=5, what="a line in the log")
    await pair.is_unhealthy()
    await soon(lambda: not redis.connections, within=5, what="all connections to end")
    await redis.start()
    await pair.is_healthy()
    lines = [line for line in log.lines[before:] if "bus" in line]
    assert len([line for line in lines if "down" in line]) <= 2
    assert len([line for line in lines if "up again" in line]) <= 2


async def test_a_worker_stops_though_a_cancellation_is_lost() -> None:
    """As it happens on Python 3.11 inside redis-py."""
    lost = 0

    async def stubborn() -> None:
        nonlocal lost
        while lost < 1:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                lost += 1
        await asyncio.sleep(60)

    bus = manager.RelayManager("redis://127.0.0.1:1/0")
    bus.tasks = {asyncio.create_task(stubborn())}
    await asyncio.sleep(0)
    await asyncio.wait_for(bus.stop(), 5)
    assert lost == 1
