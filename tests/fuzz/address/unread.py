"""A worker's memory: answers that nobody reads, and requests that never end."""

import asyncio
import secrets
import socket
from collections import Counter
from typing import cast

from tests.fuzz.connections import Connection, Door
from tests.fuzz.frames import CONTINUATION, frame
from tests.fuzz.senders import Refused, again_and_again, event, fill, opened, post

WIDE = "\N{GRINNING FACE}" * 4000
"""The longest message; each character takes four bytes in UTF-8, and twelve as escapes."""
HELD = 1000
"""Connections that an address may have."""


async def _large_room(door: Door, sent: Counter[str]) -> str:
    room = f"wide-{secrets.token_hex(4)}"
    await fill(door, room, WIDE, 40, sent)
    return room


async def never_polls(door: Door, seconds: float) -> Counter[str]:
    """Sessions by polling ask for all there is, and never fetch an answer."""
    sent = Counter[str]()
    room = await _large_room(door, sent)
    asking = ["40", event("join", {"room": room}, ack=0)]
    asking += [event("history", {"room": room}, ack=number) for number in range(1, 9)]

    async def ask(connection: Connection, sent: Counter[str]) -> None:
        await post(connection, await opened(connection, sent), asking)
        sent["answers asked for"] += len(asking) - 1

    await again_and_again(door, seconds, 300, ask, sent)
    return sent


async def never_reads(door: Door, seconds: float) -> Counter[str]:
    """The same over WebSockets that stay open and are never read."""
    sent = Counter[str]()
    room = await _large_room(door, sent)
    asking = [frame(b"40"), frame(event("join", {"room": room}, ack=0).encode())]
    asking += [frame(event("history", {"room": room}, ack=number).encode()) for number in range(1, 9)]

    async def ask(connection: Connection, sent: Counter[str]) -> None:
        await _upgraded(connection, sent)
        _read_no_more(connection)
        connection.writer.write(b"".join(asking))
        sent["answers asked for"] += len(asking) - 1
        while True:
            await asyncio.sleep(1)
            connection.writer.write(asking[-1])  # an error if it was cut off
            await connection.writer.drain()

    await again_and_again(door, seconds, HELD, ask, sent)
    return sent


async def never_ends(door: Door, seconds: float) -> Counter[str]:
    """Half-sent bodies, half-sent frames, and messages in fragments without a last one."""
    sent = Counter[str]()
    part = b"4" * 64_000

    async def body(connection: Connection, sent: Counter[str]) -> None:
        sid = await opened(connection, sent)
        await post(connection, sid, ["40"])
        head = f"POST /sio/socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: chat\r\n"
        head += f"{connection.door.headers}Content-Length: 65536\r\n\r\n"
        connection.writer.write(head.encode() + part)
        sent["half bodies"] += 1
        await connection.reader.read(1)

    async def half(connection: Connection, sent: Counter[str]) -> None:
        await _upgraded(connection, sent)
        connection.writer.write(frame(b"40") + frame(part, announced=65_536))
        sent["half frames"] += 1
        await _until_it_ends(connection)

    async def fragments(connection: Connection, sent: Counter[str]) -> None:
        await _upgraded(connection, sent)
        connection.writer.write(frame(b"40") + frame(part, fin=False))
        connection.writer.write(b"".join(frame(b"4", CONTINUATION, fin=False) for _ in range(1000)))
        sent["fragments without a last"] += 1
        await _until_it_ends(connection)

    some = (again_and_again(door, seconds, HELD // 4, each, sent) for each in (body, half, fragments))
    await asyncio.gather(*some)
    return sent


async def _upgraded(connection: Connection, sent: Counter[str]) -> None:
    if (status := await connection.upgrade()) != 101:
        raise Refused(f"WebSockets answered {status}")
    sent["WebSockets"] += 1


def _read_no_more(connection: Connection) -> None:
    """Neither we nor, beyond a few kilobytes, our kernel."""
    transport = cast(asyncio.Transport, connection.writer.transport)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    transport.pause_reading()


async def _until_it_ends(connection: Connection) -> None:
    while True:
        await connection.frame()
