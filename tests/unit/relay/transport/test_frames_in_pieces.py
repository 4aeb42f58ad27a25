"""A client's frames, however they come: in pieces, together, or between frames of other kinds."""

import asyncio
import re
import socket
import struct

import pytest

from tests.support.waiting import soon
from tests.unit.relay.transport.test_frames_on_the_wire import MASK, UPGRADE
from tests.unit.wire import Chat

PING, PONG = b"\x89\x80" + MASK, b"\x8a\x00"
LONG = "é" * 300


def masked(text: str, first: int = 0x81) -> bytes:
    """A client's frame."""
    payload = text.encode()
    size = bytes([0x80 + len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
    mask = MASK * (len(payload) // 4 + 1)
    return bytes([first]) + size + MASK + bytes(a ^ b for a, b in zip(payload, mask, strict=False))


async def connected(chat: Chat) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", chat.port)
    writer.write(UPGRADE.encode())
    await reader.readuntil(b'"maxPayload"')
    writer.write(masked("40"))
    await reader.readuntil(b"40{")
    return reader, writer


def said(number: int, text: str) -> str:
    return f'42{number}["message","{text}"]'


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 100, 10_000])
async def test_messages_are_whole_in_whatever_pieces_they_come(chat: Chat, piece: int) -> None:
    """A byte at a time, or many at once, with pings and a message in fragments between them."""
    reader, writer = await connected(chat)
    fragments = masked('423["mess', 0x01) + PING + masked('age","three"]', 0x80)
    stream = masked(said(1, "one")) + PING + masked(said(2, LONG)) + fragments + masked(said(4, "four"))
    for begin in range(0, len(stream), piece):
        writer.write(stream[begin : begin + piece])
        await asyncio.sleep(0)
    async with asyncio.timeout(10):
        for number in range(1, 5):
            await reader.readuntil(f"43{number}[".encode())
    writer.transport.abort()


@pytest.mark.parametrize("reset", [False, True])
async def test_what_was_sent_before_the_end_is_handled(
    chat: Chat, reset: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """A page that is left has no time to wait for answers, or to close its WebSocket. It is gone all the same
    when all is handled. `reset`: it had not read all that it was sent."""
    handled, end = list[str](), asyncio.Event()

    async def note(sid: str, text: str) -> None:
        handled.append(text)
        await end.wait()

    chat.relay.on("note", note)
    _, writer = await connected(chat)
    if reset:
        at_once = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
    frames = [masked(f'42["note","{number}"]') for number in range(5)]
    writer.write(b"".join([*frames, PING * 20, masked('42["note","in part"]')[:-1]]))
    await soon(lambda: handled, what="the frames to have come")
    writer.close()
    await writer.wait_closed()
    await chat.still_works()  # so the server has seen the end
    end.set()
    await soon(lambda: not chat.relay.eio.sockets, what="the session to end")
    assert handled == ["0", "1", "2", "3", "4"]
    assert [record for record in caplog.records if record.name == "asyncio"] == []


async def test_pings_without_end_leave_others_their_turn(chat: Chat) -> None:
    """One read may bring 40,000."""
    reader, writer = await connected(chat)
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    taking = asyncio.create_task(take_turns())
    writer.write(PING * 5_000 + masked(said(1, "after the pings")))
    async with asyncio.timeout(10):
        await reader.readuntil(b"431[")
    taking.cancel()
    assert turns > 5_000 / 50
    writer.transport.abort()


async def test_a_text_amid_the_fragments_of_another_closes_its_connection(chat: Chat) -> None:
    """As the protocol has it; the message is not taken for one of its own."""
    reader, writer = await connected(chat)
    writer.write(masked('421["mess', 0x01) + masked(said(2, "amid")))
    async with asyncio.timeout(10):
        rest = await reader.read()
    assert not re.search(rb"43\d\[", rest)  # an answer; an id may hold "43"
    assert b"\x88" in rest  # a close frame
    writer.close()


async def test_a_frame_without_a_mask_closes_its_connection(chat: Chat) -> None:
    """A proxy between could be made to believe what it holds (RFC 6455, section 10.3)."""
    reader, writer = await connected(chat)
    text = said(1, "bare").encode()
    writer.write(b"\x81" + bytes([len(text)]) + text)
    async with asyncio.timeout(10):
        assert b"431[" not in await reader.read()  # the answer; an id may hold "43"
    writer.close()
