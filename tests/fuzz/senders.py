"""The senders: what all floods from one address are made of. Each does one thing again and again until its
time is over; what it did, and how it was answered, is counted by name."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from tests.fuzz.connections import Connection, Door

Sending = Callable[[Connection, Counter[str]], Awaitable[None]]
PAUSE = 0.1
"""Seconds after which one that was turned away or cut off comes again."""
LARGEST = 65_536
"""Bytes of a polling body."""


class Refused(ConnectionError):
    """The request was not answered with 200; the argument is the status."""


async def again_and_again(
    door: Door, seconds: float, at_once: int, send: Sending, sent: Counter[str]
) -> None:
    """Let so many senders do their thing, each time over a new connection, for so many seconds."""

    async def sender() -> None:
        while True:
            try:
                async with Connection(door) as connection:
                    await send(connection, sent)
            except (OSError, TimeoutError) as error:
                sent[str(error) if isinstance(error, Refused) else "cut off"] += 1
                await asyncio.sleep(PAUSE)

    with suppress(TimeoutError):
        async with asyncio.timeout(seconds), asyncio.TaskGroup() as senders:
            for _ in range(at_once):
                senders.create_task(sender())


async def opened(connection: Connection, sent: Counter[str]) -> str:
    """Open a session by polling and return its id. Raises Refused."""
    status, opening = await connection.get("")
    if status != 200:
        raise Refused(f"handshakes answered {status}")
    sent["sessions"] += 1
    return str(json.loads(opening[1:])["sid"])


async def post(connection: Connection, sid: str, packets: Sequence[str]) -> None:
    """Send packets, in as many bodies as they take. Raises Refused."""
    body = ""
    for packet in packets:
        longer = f"{body}\x1e{packet}" if body else packet
        if len(longer.encode()) > LARGEST:
            await _post(connection, sid, body)
            longer = packet
        body = longer
    await _post(connection, sid, body)


async def _post(connection: Connection, sid: str, body: str) -> None:
    if (status := await connection.post(sid, body.encode())) != 200:
        raise Refused(f"posts answered {status}")


async def submit(connection: Connection, path: str, cookie: str = "", **fields: str) -> tuple[int, str]:
    """Send a form; return the status, and the cookie that was set as a request carries it."""
    form = urlencode(fields).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: chat\r\n{connection.door.headers}Cookie: {cookie}\r\n"
    head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n\r\n"
    status, _ = await connection.request(head.encode() + form)
    found = re.search(rb"\r\nset-cookie: ([^;]+)", connection.head, re.IGNORECASE)
    return status, found[1].decode() if found else ""


def event(name: str, *arguments: Any, ack: int | None = None) -> str:
    """The packet of an event."""
    said = json.dumps([name, *arguments], ensure_ascii=False, separators=(",", ":"))
    return f"42{'' if ack is None else ack}{said}"


async def fill(door: Door, room: str, text: str, messages: int, sent: Counter[str]) -> None:
    """Write so many messages into a room, if they are let in: as somebody else after every ten."""
    for _ in range(0, messages, 10):
        with suppress(OSError, TimeoutError):
            async with Connection(door) as connection:
                sid = await opened(connection, sent)
                said = [event("message", text, {"room": room}, ack=number) for number in range(10)]
                await post(connection, sid, ["40", event("join", {"room": room}), *said])
