"""What a WebSocket's peer may send below the protocol's own level costs no memory."""

import asyncio
import contextlib
import socket

import pytest
from relay.transport import websocket

from tests.support.waiting import PATIENCE, soon
from tests.unit.wire import WEBSOCKET, Chat

UPGRADE = (
    f"GET {WEBSOCKET} HTTP/1.1\r\nHost: chat\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
MASK = bytes(4)


async def answer_to(chat: Chat, frames: bytes, end: bytes | None = None) -> bytes:
    """Open a session on a WebSocket; return what comes until `end` has come, or until it is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", chat.port)
    writer.write(UPGRADE.encode())
    await reader.readuntil(b'"maxPayload"')
    writer.write(frames)
    received = b""
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(PATIENCE):
            while (end is None or end not in received) and (chunk := await reader.read(65536)):
                received += chunk
    writer.transport.abort()
    return received


async def test_a_message_may_not_come_in_fragments_without_end(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Empty ones: stock uvicorn keeps them all, since only the sum of their sizes is limited."""
    monkeypatch.setattr(websocket, "MAX_FRAGMENTS", 10)
    fragments = b"\x01\x80" + MASK + (b"\x00\x80" + MASK) * 30
    answer = await answer_to(chat, fragments)
    assert b"too many fragments" in answer
    await soon(lambda: not chat.relay.eio.sockets, what="the session to end")
    await chat.still_works()


async def test_a_message_may_come_in_fragments(chat: Chat) -> None:
    """As any WebSocket client may send it."""
    connected = b'40{"sid"'
    assert connected in await answer_to(
        chat, b"\x01\x81" + MASK + b"4" + b"\x80\x81" + MASK + b"0", end=connected
    )


async def test_who_pings_and_never_reads_is_dropped(chat: Chat) -> None:
    """Stock uvicorn keeps every answer."""
    loop = asyncio.get_running_loop()
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.setblocking(False)
        await loop.sock_connect(deaf, ("127.0.0.1", chat.port))
        await loop.sock_sendall(deaf, UPGRADE.encode())
        await soon(lambda: chat.relay.eio.sockets, what="the session to begin")
        pings = (b"\x89\xfd" + MASK + b"x" * 125) * 500
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE):
                while chat.relay.eio.sockets:
                    await loop.sock_sendall(deaf, pings)
        await soon(lambda: not chat.relay.eio.sockets, what="the session to end")


@pytest.mark.parametrize("then", [b"\x81\x81" + MASK + b"\xff", b"\x88\x82" + MASK + b"\x03\xe8"])
async def test_text_that_is_not_utf8_closes_once(chat: Chat, then: bytes) -> None:
    """Also when more of it, or a goodbye, is right behind it."""
    answer = await answer_to(chat, b"\x81\x81" + MASK + b"\xff" + then)
    assert answer[-4:-2] == b"\x88\x02"
    await soon(lambda: not chat.relay.eio.sockets, what="the session to end")
