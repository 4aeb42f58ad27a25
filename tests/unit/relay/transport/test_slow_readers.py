"""A client that stops reading is disconnected, and costs the others nothing."""

import asyncio
import socket

import pytest

from tests.support.waiting import PATIENCE, soon
from tests.unit.relay.transport.said import next_frame, on_websocket, tell, texts
from tests.unit.wire import WEBSOCKET, Chat, Log, Polling

KIB = 1024


async def test_who_stops_reading_is_dropped_and_nobody_else(
    chat: Chat, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When more is unsent than the limit; with a reason, a count and one line in the log."""
    reasons: list[str] = []
    monkeypatch.setitem(chat.relay.handlers["/"], "disconnect", lambda sid, reason: reasons.append(reason))
    monkeypatch.setattr(chat.relay.eio.slow_readers, "limit", 256 * KIB)
    dropped = chat.relay.eio.slow_readers.disconnected
    async with on_websocket(chat) as reader:
        deaf = await stops_reading(chat)
        for number in range(400):
            tell(chat, f"{number:03}" + "x" * 64 * KIB)
            assert (await next_frame(reader))[11:14] == f"{number:03}"
            if reasons:
                break
        assert reasons == ["slow reader"]
        assert len(chat.relay.eio.sockets) == 1
    deaf.close()
    assert chat.relay.eio.slow_readers.disconnected == dropped + 1
    assert len([line for line in log.lines if "reads too slowly" in line]) == 1


async def stops_reading(chat: Chat) -> socket.socket:
    """A session on a WebSocket whose client never reads again."""
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * KIB)
    deaf.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(deaf, ("127.0.0.1", chat.port))
    upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13"
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    await loop.sock_sendall(
        deaf, f"GET {WEBSOCKET} HTTP/1.1\r\nHost: chat\r\n{upgrade}\r\n{key}\r\n\r\n".encode()
    )
    received = b""
    while b'0{"sid"' not in received:
        received += await loop.sock_recv(deaf, 4 * KIB)
    before = len(chat.relay.manager.rooms.get("/", {}).get("room:lobby", {}))
    await loop.sock_sendall(deaf, b"\x81\x82\0\0\0\0" + b"40")
    await soon(
        lambda: len(chat.relay.manager.rooms["/"]["room:lobby"]) == before + 1,
        what="the deaf one to be in the lobby",
    )
    return deaf


async def test_who_stops_polling_is_dropped(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their queue is bounded like the buffer of a WebSocket."""
    monkeypatch.setattr(chat.relay.eio.slow_readers, "limit", 64 * KIB)
    session = await chat.polling()
    async with asyncio.timeout(PATIENCE):
        while session.open:
            tell(chat, "x" * 32 * KIB)
            await asyncio.sleep(0.11)  # longer than things are collected, so that each is a write
    assert (await session.poll()).status_code == 400


async def test_who_reads_slowly_gets_no_volatile_events_and_all_the_rest(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat.relay.eio.slow_readers, "soft_limit", 100)
    session = await chat.polling()
    tell(chat, "x" * 200)
    await soon(lambda: queued(chat, session) > 200, what="the first to be queued")
    await chat.relay.emit("said", "typing", room="room:lobby")
    tell(chat, "last")
    await soon(lambda: queued(chat, session) > 220, what="the last to be queued")
    assert texts((await session.poll()).text) == ["x" * 200, "last"]


def queued(chat: Chat, session: Polling) -> int:
    found: int = chat.relay.eio.sockets[session.sid]._queued
    return found


async def test_who_reads_on_a_slow_line_has_time_for_the_ping(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is behind all that was sent before. Who reads nothing more is disconnected."""
    reasons: list[str] = []
    monkeypatch.setitem(chat.relay.handlers["/"], "disconnect", lambda sid, reason: reasons.append(reason))
    client = await chat.polling()
    session = chat.relay.eio.sockets[client.sid]
    for _ in range(5):
        before = session.unsent
        tell(chat, "x" * 64 * KIB)
        await soon(lambda: session.unsent > before + 64 * KIB, what="it is queued")  # noqa: B023
    await session.check(session._due)
    assert session.last_ping is not None
    await client.poll()
    for _ in range(3):
        await client.poll()
        await session.check(session._due)
        assert session._disconnecting is None
    await session.check(session._due)
    await soon(lambda: reasons == ["ping timeout"], what="who reads nothing more is disconnected")
