"""python-socketio's own write-only managers, in processes without a server, reach clients on all workers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import socketio
from relay import Options, Rooms
from relay.outside import Outside

from tests.stack.relay.two_workers import two_workers
from tests.stack.relay.worker import RedisUnderTest
from tests.support.application import Visitor
from tests.support.waiting import soon

Call = Callable[..., Awaitable[None]]
"""Call a method of the manager by its name."""


@asynccontextmanager
async def manager(redis: RedisUnderTest, kind: str) -> AsyncIterator[Call]:
    """One as docs/relay-rooms.md makes it; how its methods are called."""
    channel = Options(prefix=redis.prefix).control_channel
    if kind == "asyncio":
        other = socketio.AsyncRedisManager(redis.url, channel=channel, write_only=True)

        async def call(method: str, *arguments: Any, **options: Any) -> None:
            await getattr(other, method)(*arguments, **options)

        yield call
        await other.redis.aclose()
    else:
        blocking = socketio.RedisManager(redis.url, channel=channel, write_only=True)

        async def call_blocking(method: str, *arguments: Any, **options: Any) -> None:
            await asyncio.to_thread(getattr(blocking, method), *arguments, **options)

        yield call_blocking
        blocking.redis.close()


class Heard(Visitor):
    """A visitor who writes down every event but entries."""

    def __init__(self, *transports: str) -> None:
        super().__init__(*transports)
        self.events: list[Any] = []
        self.sio.on("note", self.events.append)

    async def gets(self, *values: Any) -> None:
        """Exactly these, in this order; the last one was emitted last."""
        await soon(lambda: values[-1] in self.events, what=f"{values[-1]} to come")
        assert self.events == [*values]
        self.events.clear()


@pytest.fixture
async def visitors(redis: RedisUnderTest) -> AsyncIterator[tuple[Heard, Heard]]:
    async with two_workers(redis) as (one, two):
        ana, ben = Heard(), Heard()
        for visitor, url in ((ana, one), (ben, two)):
            await visitor.sio.connect(url, transports=["websocket"])
        yield ana, ben
        for visitor in (ana, ben):
            await visitor.leaves()


@pytest.mark.parametrize("kind", ["asyncio", "blocking"])
async def test_a_write_only_manager_reaches_everybody_a_client_and_a_room(
    redis: RedisUnderTest, visitors: tuple[Heard, Heard], kind: str
) -> None:
    """Each client once, whichever worker it is at: by its sid, in a plain room, in a room of relay."""
    ana, ben = visitors
    async with manager(redis, kind) as call:
        await call("emit", "note", "to all")
        await call("emit", "note", "to ana", room=ana.sid)
        await call("emit", "note", "to ben", to=ben.sid)
        await call("emit", "note", "last")
        await ana.gets("to all", "to ana", "last")
        await ben.gets("to all", "to ben", "last")

        for each in (ana, ben):
            await call("enter_room", each.sid, "/", "plain")
        await ben.asks("join", room="hall")
        await call("emit", "note", "to plain", room="plain")
        await call("emit", "note", "to plain but ana", room="plain", skip_sid=ana.sid)
        await call("leave_room", ana.sid, "/", "plain")
        await call("emit", "note", "to plain again", room="plain")
        await call("emit", "note", "to the hall", room="room:hall")
        await call("close_room", "plain", "/")
        await call("emit", "note", "to a closed room", room="plain")
        await call("emit", "note", "last")
        await ana.gets("to plain", "last")
        await ben.gets("to plain", "to plain but ana", "to plain again", "to the hall", "last")


@pytest.mark.parametrize("kind", ["asyncio", "blocking"])
async def test_a_write_only_manager_puts_clients_in_and_out_of_rooms_of_relay(
    redis: RedisUnderTest, visitors: tuple[Heard, Heard], kind: str
) -> None:
    """They get the entries that are appended after it, and none after it is closed."""
    ana, ben = visitors
    options = Options(prefix=redis.prefix)
    async with manager(redis, kind) as call, Outside(redis.url, options) as outside:
        await call("enter_room", ana.sid, "/", "room:hall")
        await ben.asks("join", room="hall")
        await call("emit", "note", "entered")
        await ana.gets("entered")
        await outside.append("hall", Rooms.post("id-1", "entry"))
        for each in (ana, ben):
            await each.hears(lambda data: data == ["entry"], "the entry to be heard")
        await call("close_room", "room:hall", "/")
        await call("emit", "note", "closed")
        for each in (ana, ben):
            await soon(lambda each=each: "closed" in each.events, what="the room to be closed")  # type: ignore[misc]
        await outside.append("hall", Rooms.post("id-2", "nobody is there"))
        assert (await ben.asks("join", room="hall", after=1))["entries"][0]["data"] == "nobody is there"
        assert ana.data == ben.data == ["entry"]
        # A write-only manager has no server, and upstream's `disconnect` needs one.
        with pytest.raises(AttributeError):
            await call("disconnect", ana.sid, "/")
        await outside.disconnect(ana.sid)
        await soon(lambda: not ana.sio.connected, what="ana to be disconnected")
        assert ben.sio.connected
