"""The floods: many handshakes, many sessions that join nothing, many requests that never end."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from time import monotonic
from typing import cast

from tests.fuzz.connections import PATH, Connection, Door

HANDSHAKE = f"GET {PATH}polling HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
TICK = 0.01


class Storm(asyncio.Protocol):
    """A kept connection that counts the answers to its handshakes by their status."""

    def __init__(self, answers: Counter[str]) -> None:
        self.answers = answers
        self.waiting = 0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by descent

    def data_received(self, data: bytes) -> None:
        for part in data.split(b"HTTP/1.1 ")[1:]:
            self.answers[part[:3].decode()] += 1
            self.waiting -= 1

    def connection_lost(self, exc: Exception | None) -> None:
        self.answers["lost"] += self.waiting
        self.transport, self.waiting = None, 0

    def ask(self, request: bytes) -> None:
        if self.transport is not None:
            self.waiting += 1
            self.transport.write(request)


async def handshakes(
    door: Door,
    rate: float,
    seconds: float,
    answers: Counter[str],
    connections: int = 100,
    requests: Sequence[bytes] = (HANDSHAKE,),
) -> float:
    """Ask for sessions at a rate, whether they are answered or not, and leave them; return the rate of the
    answers. `requests` are sent in turn."""
    loop, way = asyncio.get_running_loop(), door.way()
    storms: list[Storm] = []
    began, sent, turn = monotonic(), 0, 0
    while (now := monotonic() - began) < seconds:
        while sent < now * rate:
            if len(storms) < connections:
                storms.append((await loop.create_connection(lambda: Storm(answers), **way))[1])
            storm = storms[turn % len(storms)]
            turn += 1
            if storm.transport is None:  # nginx closes a connection after a thousand requests
                storms[storms.index(storm)] = (await loop.create_connection(lambda: Storm(answers), **way))[1]
                continue
            if storm.waiting > 200:
                answers["unsent"] += 1
            else:
                storm.ask(requests[sent % len(requests)])
            sent += 1
        await asyncio.sleep(TICK)
    took = monotonic() - began
    answered = answers["200"]
    for storm in storms:
        if storm.transport is not None:
            storm.transport.abort()
    return answered / took


async def never_connect(door: Door, sockets: int, answers: Counter[str], seconds: float) -> None:
    """Open WebSockets and say nothing, for a while."""
    async with AsyncExitStack() as held:

        async def some(count: int) -> None:
            for _ in range(count):
                connection = await held.enter_async_context(Connection(door))
                answers[f"websocket {await connection.upgrade()}"] += 1

        await asyncio.gather(*(some(sockets // 10) for _ in range(10)))
        await asyncio.sleep(seconds)


async def slow_loris(door: Door, connections: int, seconds: float) -> int:
    """Send requests a byte a second; return how many of the connections were closed on us."""
    async with AsyncExitStack() as held:
        slow = [await held.enter_async_context(Connection(door)) for _ in range(connections)]
        ends = asyncio.get_running_loop().time() + seconds
        for byte in HANDSHAKE[: int(seconds)]:
            for each in slow:
                if not each.writer.is_closing():
                    each.writer.write(bytes([byte]))
            await asyncio.sleep(1)
        assert asyncio.get_running_loop().time() >= ends - 1
        return sum(each.reader.at_eof() or each.reader.exception() is not None for each in slow)
