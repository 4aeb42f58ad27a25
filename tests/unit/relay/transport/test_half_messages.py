"""Messages that are sent half, or many at once, cost the worker a bounded sum."""

import asyncio
import contextlib

import pytest

from tests.support.waiting import soon
from tests.unit.relay.transport.buffered import KIB, buffered
from tests.unit.relay.transport.test_frames_on_the_wire import MASK, UPGRADE
from tests.unit.wire import Chat


async def test_half_a_message_counts(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is one frame or many: at the bound the fullest are cut."""
    monkeypatch.setattr(chat.relay.eio.buffers, "most", 200 * KIB)
    streams = []
    for _ in range(12):
        reader, writer = await asyncio.open_connection("127.0.0.1", chat.port)
        writer.write(UPGRADE.encode())
        await reader.readuntil(b'"maxPayload"')
        streams.append(writer)
    for number, writer in enumerate(streams):
        frame = b"\x81\xfe\xff\x00" + MASK + b"4" * 40_000
        fragments = b"\x01\xfe\x03\xe8" + MASK + b"4" * 1000 + (b"\x00\xfe\x03\xe8" + MASK + b"4" * 1000) * 39
        writer.write(fragments if number % 2 else frame)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
    await soon(lambda: len(chat.relay.eio.sockets) <= 6, within=5, what="the fullest to be cut")
    assert buffered(chat) <= 200 * KIB
    for writer in streams:
        writer.transport.abort()
    await soon(lambda: buffered(chat) == 0, within=5, what="all to be forgotten")


async def test_tiny_messages_wait_as_bytes(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the first of them is handled, the others are not parsed: stock uvicorn makes an event of each."""
    came, go = asyncio.Event(), asyncio.Event()

    async def slow(sid: str, *arguments: object) -> None:
        came.set()
        await go.wait()

    monkeypatch.setitem(chat.relay.handlers["/"], "typing", slow)
    reader, writer = await asyncio.open_connection("127.0.0.1", chat.port)
    writer.write(UPGRADE.encode())
    await reader.readuntil(b'"maxPayload"')
    writer.write(b"\x81\x82" + MASK + b"40")
    await reader.readuntil(b"40{")
    writer.write(b"\x81\x8c" + MASK + b'42["typing"]' + (b"\x81\x81" + MASK + b"3") * 20_000)
    await came.wait()
    await asyncio.sleep(0)
    (session,) = chat.relay.eio.sockets.values()
    assert not session._connection.queue._events
    go.set()
    ask = b'427["message","hello"]'
    writer.write(b"\x81" + bytes([0x80 + len(ask)]) + MASK + ask)
    async with asyncio.timeout(10):
        await reader.readuntil(b"437[")
    writer.transport.abort()
    await soon(lambda: not chat.relay.eio.sockets, within=5, what="the session to end")
