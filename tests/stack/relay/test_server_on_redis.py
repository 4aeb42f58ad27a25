"""Two workers on Redis are one server, as python-socketio's documentation has it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from relay import Options, Relay

from tests.stack.relay.worker import RedisUnderTest
from tests.support.served import Served, event_of
from tests.support.waiting import soon
from tests.unit.relay.server_contract import ServerContract


@asynccontextmanager
async def served(redis: RedisUnderTest) -> AsyncIterator[Served]:
    relay = Relay.on_redis(redis.url, event_of, Options(prefix=redis.prefix))
    async with Served(relay, namespaces="*") as worker:
        await soon(lambda: relay.problem() is None, what="the worker hears itself")
        yield worker


class TestServerOnRedis(ServerContract):
    @pytest.fixture
    async def one(self, redis: RedisUnderTest) -> AsyncIterator[Served]:
        async with served(redis) as worker:
            yield worker

    @pytest.fixture
    async def two(self, redis: RedisUnderTest) -> AsyncIterator[Served]:
        async with served(redis) as worker:
            yield worker


async def test_what_disconnect_does_while_its_worker_stops_reaches_the_others(redis: RedisUnderTest) -> None:
    """The connections to Redis are closed last."""
    async with served(redis) as stays, served(redis) as stops:

        async def disconnect(sid: str, reason: str) -> None:
            await stops.relay.values.change("left", lambda left: (left or 0) + 1)
            if await stops.relay.connections.remove(sid, "ana"):
                await stops.server.emit("went", "ana")

        stops.server.on("disconnect", disconnect)
        polling, writing = await stops.visitor(transport="polling"), await stops.visitor()
        for visitor in (polling, writing):
            await stops.relay.connections.add(visitor.sid(), "ana")
        ben = await stays.visitor()
        await stops.server.stop()
        await ben.hears(("/", "went", "ana"))
        assert await stays.relay.values.read("left") == 2
