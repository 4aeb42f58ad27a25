"""Who asks and does not read, or sends half of something, costs the worker a bounded sum, and nobody else."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from relay import Post
from relay.delivery.frames import Batch, Frame
from relay.transport import websocket

from tests.support.waiting import soon
from tests.unit.relay.transport.test_frames_on_the_wire import MASK, UPGRADE
from tests.unit.wire import POLLING, Chat, Polling

KIB = 1024


@pytest.fixture
async def long_history(chat: Chat) -> int:
    """The lobby holds more than one answer may; returns about how many bytes one takes."""
    for number in range(200):
        await chat.relay.manager.log.append(
            "lobby", Post(f"long-{number}", b'"%b"\n{"author":{}}' % (b"x" * 2000))
        )
    return 256 * KIB


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question does not wait for long."""
    monkeypatch.setattr("relay.transport.backpressure.READ_TIMEOUT", 0.05)


def buffered(chat: Chat) -> int:
    count: int = chat.relay.eio.buffers.bytes
    return count


def answers(text: str) -> dict[int, dict[str, object]]:
    """The acks in a payload, by their ids."""
    acks = (packet for packet in text.split("\x1e") if packet.startswith("43"))
    return {int(ack[2 : ack.index("[")]): json.loads(ack[ack.index("[") :])[0] for ack in acks}


async def test_who_does_not_read_is_answered_once_and_then_refused(
    chat: Chat, long_history: int, impatient: None
) -> None:
    """With what to do, and before anything is read for them."""
    session = await chat.polling()
    for number in range(20):
        assert (await session.post(f'42{number}["history",{{"room":"lobby"}}]')).status_code == 200
    assert buffered(chat) < 1.2 * long_history
    came: dict[int, dict[str, object]] = {}
    while len(came) < 20:
        came |= answers((await session.poll()).text)
    assert came[0]["ok"]
    assert {came[number]["error"] for number in range(1, 20)} == {"rate_limited"}
    assert {came[number]["retry_after"] for number in range(1, 20)} == {1}
    assert (await session.post('4299["history",{"room":"lobby"}]')).status_code == 200
    assert answers((await session.poll()).text)[99]["ok"]


@pytest.mark.parametrize("transport", ["polling", "websocket"])
async def test_who_reads_may_ask_for_everything_at_once(
    chat: Chat, long_history: int, transport: str
) -> None:
    """Answers are made as fast as they are read."""
    ana = await chat.client(transport)
    asked = (ana.sio.call("history", {"room": "lobby"}, timeout=30) for _ in range(10))
    assert all(answer["ok"] for answer in await asyncio.gather(*asked))
    await ana.disconnect()


async def test_the_fullest_is_cut_when_all_together_hold_too_much(
    chat: Chat, long_history: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who reads stays, and what was cut is no longer held."""
    monkeypatch.setattr(chat.relay.eio.buffers, "most", 5 * long_history)
    ana = await chat.client("websocket")
    sessions = [await chat.polling() for _ in range(8)]
    for session in sessions:
        await session.post('420["history",{"room":"lobby"}]')
    assert buffered(chat) <= 5 * long_history
    await soon(lambda: len(open_of(sessions)) < 6, within=5, what="the fullest to be cut")
    assert len(open_of(sessions)) >= 3
    assert (await ana.say("still here"))["ok"]
    await ana.disconnect()


def open_of(sessions: list[Polling]) -> list[Polling]:
    return [session for session in sessions if session.open]


async def test_nothing_is_counted_of_those_who_have_left(chat: Chat, long_history: int) -> None:
    """However they went: with much unread, in the midst of a message, or in order."""
    await soon(lambda: buffered(chat) == 0, within=5, what="what earlier sessions held to be forgotten")
    session = await chat.polling()
    await session.post('420["history",{"room":"lobby"}]')
    assert buffered(chat) > long_history / 2
    reader, writer = await asyncio.open_connection("127.0.0.1", chat.port)
    writer.write(UPGRADE.encode())
    await reader.readuntil(b'"maxPayload"')
    writer.write(b"\x81\xfe\xff\x00" + MASK + b"4" * 30_000)
    before = buffered(chat)
    await soon(lambda: buffered(chat) > before + 25_000, within=5, what="half a message to be counted")
    writer.transport.abort()
    ana = await chat.client()
    await ana.say("hello")
    await ana.disconnect()
    await chat.relay.close_sessions()
    await soon(lambda: buffered(chat) == 0, within=5, what="all to be forgotten")


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
    assert len(session._connection.queue._events) <= websocket.SLICE // 7
    go.set()
    ask = b'427["message","hello"]'
    writer.write(b"\x81" + bytes([0x80 + len(ask)]) + MASK + ask)
    async with asyncio.timeout(10):
        await reader.readuntil(b"437[")
    writer.transport.abort()
    await soon(lambda: not chat.relay.eio.sockets, within=5, what="the session to end")


async def test_a_websocket_that_does_not_read_is_refused_and_counted(
    chat: Chat, long_history: int, impatient: None
) -> None:
    """What the kernel has not taken of its answers."""
    loop = asyncio.get_running_loop()
    ask = b'420["history",{"room":"lobby"}]'
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * KIB)
        deaf.setblocking(False)
        await loop.sock_connect(deaf, ("127.0.0.1", chat.port))
        await loop.sock_sendall(deaf, UPGRADE.encode())
        await soon(lambda: chat.relay.eio.sockets, within=5, what="the session to begin")
        (session,) = chat.relay.eio.sockets.values()
        await loop.sock_sendall(deaf, b"\x81\x82" + MASK + b"40")
        for _ in range(60):
            await loop.sock_sendall(deaf, b"\x81" + bytes([0x80 + len(ask)]) + MASK + ask)
        await soon(lambda: session.backpressure._gave_up, within=10, what="a question to be refused")
        assert 0 < buffered(chat) < 3 * long_history
        assert session.unsent < 2 * long_history
    await soon(lambda: buffered(chat) == 0, within=5, what="all to be forgotten")


@asynccontextmanager
async def unread_answers(chat: Chat, count: int) -> AsyncIterator[list[socket.socket]]:
    """One page of history, as the answer to so many polls that are the same one for the server: connections
    on which nothing was read yet."""
    chat.worker.servers[0].sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * KIB)
    session = await chat.polling()
    await session.post('420["history",{"room":"lobby"}]')
    loop = asyncio.get_running_loop()
    with contextlib.ExitStack() as held:
        deaf = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in deaf:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * KIB)
            each.setblocking(False)
            await loop.sock_connect(each, ("127.0.0.1", chat.port))
            head = f"GET {POLLING}&sid={session.sid}&t=again HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
            await loop.sock_sendall(each, head.encode())
        yield deaf


async def test_an_answer_counts_until_it_is_read(chat: Chat, long_history: int) -> None:
    """Each for itself, also while the next one is asked for over another connection."""
    async with unread_answers(chat, 5) as deaf:
        await soon(lambda: buffered(chat) > 5 * long_history, within=5, what="the answers to be counted")
        for each in deaf:
            await read_whole(each)
        await soon(
            lambda: buffered(chat) < 1.2 * long_history, within=5, what="what was read to be forgotten"
        )


async def read_whole(connection: socket.socket) -> None:
    """Read until all of the answer has come, of which only the headers say how long it is."""
    loop, came, left = asyncio.get_running_loop(), b"", 1
    while left > 0:
        came += await loop.sock_recv(connection, 64 * KIB)
        head, _, body = came.partition(b"\r\n\r\n")
        if body:
            left = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]) - len(body)


async def test_answers_that_nobody_reads_are_cut(
    chat: Chat, long_history: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the bound, and counted as clients that were dropped; who reads stays."""
    monkeypatch.setattr(chat.relay.eio.buffers, "most", 5 * long_history)
    ana = await chat.client("websocket")
    async with unread_answers(chat, 8):
        await soon(lambda: chat.relay.stats().slow_readers >= 3, within=5, what="answers to be cut")
        assert buffered(chat) <= 5 * long_history
        assert (await ana.say("still here"))["ok"]
    await ana.disconnect()
    await chat.relay.close_sessions()
    await soon(lambda: buffered(chat) == 0, within=5, what="all to be forgotten")


async def test_a_poll_brings_few_more_bytes_than_its_largest_packet(chat: Chat) -> None:
    """The rest comes with the next ones."""
    session = await chat.polling()
    socket = chat.relay.eio.sockets[session.sid]
    for size in (*[16 * KIB] * 10, 256 * KIB, 16 * KIB):
        socket.put(Batch([Frame.event(b'["%b"]' % (b"x" * size))]))
    came = [len((await session.poll()).content) // KIB for _ in range(4)]
    assert came == [4 * 16, 4 * 16, 2 * 16 + 256, 16]
