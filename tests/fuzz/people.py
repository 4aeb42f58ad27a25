"""The others: people who talk on the same workers meanwhile, and newcomers, with what they had to wait."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any

from tests.fuzz.connections import Connection, Door
from tests.fuzz.frames import frame


class Talker:
    """Says something ten times a second, and remembers how long each answer took and what was heard."""

    def __init__(self, door: Door, name: str) -> None:
        self.door = door
        self.name = name
        self.waits: list[float] = []
        self.heard: set[str] = set()
        self.breaks = 0

    async def talk(self) -> None:
        """Until cancelled; comes back when the connection breaks, which is counted."""
        while True:
            try:
                async with Connection(self.door) as connection:
                    await self._talk(connection)
            except (ConnectionError, TimeoutError):
                self.breaks += 1
                await asyncio.sleep(0.1)

    async def _talk(self, connection: Connection) -> None:
        asked: dict[str, float] = {}
        await connected_by_websocket(connection)
        speaking = asyncio.create_task(self._speak(connection, asked))
        try:
            while True:
                _, payload = await connection.frame()
                text = payload.decode()
                if text == "2":
                    connection.writer.write(frame(b"3"))
                elif text.startswith("43"):
                    self.waits.append(monotonic() - asked.pop(text[2 : text.index("[")]))
                elif text.startswith('42["response"'):
                    self.heard.add(json.loads(text[2:])[1])
        finally:
            speaking.cancel()

    async def _speak(self, connection: Connection, asked: dict[str, float]) -> None:
        number = 0
        while True:
            asked[str(number)] = monotonic()
            connection.writer.write(frame(f'42{number}["message","{self.name} says {number}"]'.encode()))
            number += 1
            await asyncio.sleep(0.1)


async def connected_by_websocket(connection: Connection) -> None:
    if await connection.upgrade() != 101:
        raise ConnectionError("no WebSocket")
    connection.writer.write(frame(b"40"))
    async with asyncio.timeout(5):
        while not (await connection.frame())[1].startswith(b"40{"):
            pass


async def connected_by_polling(connection: Connection) -> None:
    status, opening = await connection.get("")
    if status != 200:
        raise ConnectionError(f"handshake answered {status}")
    sid = json.loads(opening[1:])["sid"]
    if await connection.post(sid, b"40") != 200:
        raise ConnectionError("the session was ended")
    while b"40{" not in (await connection.get(f"&sid={sid}"))[1]:
        pass
    await connection.post(sid, b"1")


class Newcomers:
    """Somebody new every quarter of a second, by WebSocket and by polling in turn."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.waits: list[float] = []
        self.failed: list[str] = []

    async def come(self) -> None:
        """Until cancelled."""
        ways: list[Callable[[Connection], Any]] = [connected_by_websocket, connected_by_polling]
        async with asyncio.TaskGroup() as coming:
            while True:
                ways.reverse()
                coming.create_task(self._come(ways[0]))
                await asyncio.sleep(0.25)

    async def _come(self, way: Callable[[Connection], Any]) -> None:
        began = monotonic()
        try:
            async with Connection(self.door) as connection:
                await way(connection)
            self.waits.append(monotonic() - began)
        except (ConnectionError, TimeoutError) as error:
            self.failed.append(f"{way.__name__}: {error!r}")


async def beside(work: Any, *others: Any) -> None:
    """Do the work while others do theirs; end theirs with it."""
    tasks = [asyncio.create_task(other) for other in others]
    try:
        await work
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


def percentile(values: list[float], share: float) -> float:
    """Seconds; infinite if there are none."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else float("inf")
