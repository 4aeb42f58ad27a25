"""A server in one process is what python-socketio's documentation says."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import socketio
from relay import Options, Post, Relay, clients
from socketio import packet
from socketio.exceptions import TimeoutError as NoAnswer

from tests.support.served import Served, event_of
from tests.support.waiting import PATIENCE, soon
from tests.unit.relay.server_contract import ServerContract
from tests.unit.wire import Log


class TestServerInMemory(ServerContract):
    @pytest.fixture
    async def one(self, log: Log) -> AsyncIterator[Served]:
        async with Served(namespaces="*") as served:
            yield served
        assert log.tracebacks == []

    @pytest.fixture
    def two(self, one: Served) -> Served:
        return one


async def test_a_class_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it names no timeout, it has the server's own."""
    monkeypatch.setattr(clients, "CALL_TIMEOUT", 0.2)
    desk = socketio.AsyncNamespace("/")
    async with Served() as served:
        served.server.register_namespace(desk)
        ana, never = await served.visitor(), asyncio.Event()
        ana.sio.on("question", never.wait)
        async with asyncio.timeout(10):
            with pytest.raises(NoAnswer):
                await desk.call("question", to=ana.sid())
        never.set()


async def test_what_is_sent_to_a_session_that_has_just_ended_is_not_logged(log: Log) -> None:
    """When a whole room leaves at once, each is still told of others: an emit has found its recipients, and
    some are gone before it is their turn. A session's id does not belong in the log."""
    async with Served() as served:
        ana, ben = await served.visitor(), await served.visitor()
        sessions = [*served.server.eio.sockets]
        await ana.sio.disconnect()
        await soon(lambda: len(served.server.eio.sockets) == 1, what="the session to end")
        for session in sessions:
            await served.server._send_packet(session, packet.Packet(packet.EVENT, ["left", 1], "/"))
        await ben.hears(("/", "left", 1))
    assert [line for line in log.lines if any(session in line for session in sessions)] == []


async def test_the_two_kinds_of_rooms_are_told_apart_once(log: Log) -> None:
    """`enter_room` makes no member of a room of relay."""
    async with Served() as served:
        ana = await served.visitor()
        await served.relay.emit_volatile("typing", "Ben", "tea")
        assert not [line for line in log.lines if "two kinds of rooms" in line], "an empty room is no error"
        await served.server.enter_room(ana.sid(), "tea")
        for _ in range(2):
            await served.relay.emit_volatile("typing", "Ben", "tea")
        assert len([line for line in log.lines if "two kinds of rooms" in line]) == 1
        await served.relay.join(ana.sid(), "tea")
        await served.relay.emit_volatile("typing", "Ben", "tea")
        await ana.hears(("/", "typing", "Ben"))


async def test_an_entry_for_the_other_kind_of_room_is_warned_of_once(log: Log) -> None:
    async with Served() as served:
        ana = await served.visitor()
        await served.relay.log.append("tea", Post("1", b"nobody is there"))
        assert not [line for line in log.lines if "two kinds of rooms" in line], "an empty room is no error"
        await served.server.enter_room(ana.sid(), "tea")
        for id in ("2", "3"):
            await served.relay.log.append("tea", Post(id, b"nobody hears it"))
        assert len([line for line in log.lines if "two kinds of rooms" in line]) == 1
        await served.relay.join(ana.sid(), "tea")
        await served.relay.log.append("tea", Post("4", b"tea is ready"))
        await ana.hears(("/", "entry", 4, "tea is ready"))


async def test_an_environ_that_is_not_kept_is_not_asked_for_in_vain() -> None:
    """It is said what to do instead. A client that is gone has none, whatever the options."""
    async with Served(Relay.in_memory(event_of, Options(keep_environ=False))) as served:
        ana = await served.visitor()
        with pytest.raises(RuntimeError, match="save_session"):
            served.server.get_environ(ana.sid())
        assert served.server.get_environ("nobody") is None


async def test_no_disconnect_follows_a_connect_that_failed(log: Log) -> None:
    """Nor is its client anywhere: the session is one that connected to nothing."""
    async with Served() as served:
        came, left = list[str](), list[str]()

        def connect(sid: str, environ: dict[str, Any], auth: Any) -> None:
            came.append(sid)
            raise LookupError("no such user")

        served.server.on("connect", connect)
        served.server.on("disconnect", lambda sid, reason: left.append(sid))
        ana = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        connecting = asyncio.create_task(
            ana.connect(served.url, transports=["websocket"], wait_timeout=PATIENCE)
        )
        await soon(lambda: log.tracebacks, what="the failure to be logged")
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting
        await ana.disconnect()
        await soon(lambda: not served.server.eio.sockets, what="its session to end")
        assert not served.server.manager.is_connected(came[0], "/")
    assert (len(came), left) == (1, [])
    assert len(log.tracebacks) == 1
