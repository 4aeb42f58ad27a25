"""The answers to polls count until they are read."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from relay.delivery.binary import encode_event
from relay.delivery.frames import Batch, Frame

from tests.support.waiting import soon
from tests.unit.relay.transport.buffered import KIB, buffered
from tests.unit.wire import POLLING, Chat


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


async def test_a_poll_brings_no_packet_without_its_attachments(chat: Chat) -> None:
    """And no more packets than python-engineio's client takes, of which each attachment is one."""
    session = await chat.polling()
    socket = chat.relay.eio.sockets[session.sid]
    for number, count in enumerate((0, 10, 4, 10, 10, 0)):
        encoded, attachments = encode_event([f"draw {number}", *[b"x"] * count])
        socket.put(Batch([Frame.event(encoded, attachments=attachments)]))
    polls = [(await session.poll()).text.split("\x1e") for _ in range(3)]
    # Who came to the lobby before may still be told, behind all of this.
    came = [[packet for packet in packets if "presence" not in packet] for packets in polls]
    assert [len(packets) for packets in came] == [1 + 11, 5 + 11, 11 + 1]
    assert [packets[0][:4] for packets in came] == ['42["', "454-", "4510"]
