"""The rooms there may be: guests that go to as many new ones as they may, and say a word in some of them."""

import asyncio
import itertools
import secrets
from collections import Counter

from tests.fuzz.connections import Connection, Door
from tests.fuzz.frames import frame
from tests.fuzz.senders import Refused, again_and_again, event

EACH = 100
"""Rooms that one person may be in."""
ALL = 1000
"""Rooms that the stack is set to, so that a flood of some seconds could fill it."""


async def goes_to_new_rooms(door: Door, seconds: float) -> Counter[str]:
    sent, numbers, word = Counter[str](), itertools.count(), secrets.token_hex(4)

    async def go(connection: Connection, sent: Counter[str]) -> None:
        if (status := await connection.upgrade()) != 101:
            raise Refused(f"WebSockets answered {status}")
        rooms = [f"{word}-{next(numbers)}" for _ in range(EACH)]
        packets = [event("join", {"room": room}, ack=number) for number, room in enumerate(rooms)]
        packets += [event("message", "mine", {"room": room}) for room in rooms[::10]]
        connection.writer.write(b"".join(frame(each.encode()) for each in ["40", *packets]))
        async with asyncio.timeout(10):
            for _ in rooms:
                sent[f"rooms answered {await _answer(connection)}"] += 1

    await again_and_again(door, seconds, 20, go, sent)
    return sent


async def _answer(connection: Connection) -> str:
    """How the next of the joins was answered: `ok`, or the error code."""
    while True:
        _, payload = await connection.frame()
        if payload.startswith(b"43"):
            found = payload.split(b'"error":"')
            return found[1].split(b'"')[0].decode() if len(found) > 1 else "ok"
