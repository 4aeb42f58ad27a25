"""The workers' time: what costs them something and leads nowhere, as much of it as a line carries."""

import asyncio
import secrets
from collections import Counter

from tests.fuzz.address.unread import WIDE
from tests.fuzz.connections import Connection, Door
from tests.fuzz.frames import frame
from tests.fuzz.senders import PAUSE, Refused, Sending, again_and_again, event, fill

CONNECTIONS = 50
EVERY = 0.1
"""Seconds between two writes of a connection. With 60 kB each that is 250 Mbit/s for all of them; with much
more it would be measured how fast this machine copies."""


async def works_for_nothing(door: Door, seconds: float) -> Counter[str]:
    """One kind of work after the other, each for a quarter of the time."""
    sent, room = Counter[str](), f"wide-{secrets.token_hex(4)}"
    await fill(door, room, WIDE, 40, sent)
    for kind in (_undeclared, _acks, _pages, _reads_in(room)):
        await again_and_again(door, seconds / 4, CONNECTIONS, kind, sent)
    return sent


async def _undeclared(connection: Connection, sent: Counter[str]) -> None:
    """Events of 65 kB that nobody declared."""
    large = "x" * 30_000
    await _repeat(connection, sent, "undeclared events", [frame(event("nothing", large, large).encode())])


async def _acks(connection: Connection, sent: Counter[str]) -> None:
    """Acknowledgements of 65 kB that nobody waits for."""
    await _repeat(connection, sent, "acks nobody waits for", [frame(b"431[" + b"1," * 30_000 + b"1]")])


def _reads_in(room: str) -> Sending:
    """The largest answers there are, asked for and read."""
    asking = [event("history", {"room": room}, ack=number) for number in range(10)]
    packets = [event("join", {"room": room}), *asking]

    async def read(connection: Connection, sent: Counter[str]) -> None:
        await _repeat(connection, sent, "answers asked for", [frame(each.encode()) for each in packets])

    return read


async def _repeat(connection: Connection, sent: Counter[str], what: str, frames: list[bytes]) -> None:
    """Send as much as is taken until the connection is closed; read what comes."""
    if (status := await connection.upgrade()) != 101:
        raise Refused(f"WebSockets answered {status}")
    connection.writer.write(frame(b"40"))

    async def read() -> None:
        while await connection.reader.read(65_536):
            pass
        raise ConnectionError("closed")

    async def write() -> None:
        while True:
            connection.writer.write(b"".join(frames))
            await connection.writer.drain()
            sent[what] += len(frames)
            await asyncio.sleep(EVERY)

    reading, writing = asyncio.create_task(read()), asyncio.create_task(write())
    try:
        await asyncio.wait((reading, writing), return_when=asyncio.FIRST_COMPLETED)
    finally:
        reading.cancel()
        writing.cancel()
        await asyncio.gather(reading, writing, return_exceptions=True)
    sent["closed"] += 1
    await asyncio.sleep(PAUSE)


async def _pages(connection: Connection, sent: Counter[str]) -> None:
    """The page, over and over."""
    request = f"GET / HTTP/1.1\r\nHost: chat\r\n{connection.door.headers}\r\n".encode()
    while True:
        status, _ = await connection.request(request)
        sent[f"pages answered {status}"] += 1
        await asyncio.sleep(EVERY)
