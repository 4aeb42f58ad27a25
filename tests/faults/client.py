"""A client that behaves as the page does: when its connection ends it comes back, under the same name, and
goes on in each of its rooms where it was."""

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import aiohttp

from tests.faults.ledger import Ledger, Post
from tests.faults.seat import Pulse, Seat
from tests.faults.transports import ConnectionFailed
from tests.faults.wire import OPENING, Connection, Lost

RECONNECT = 1.0, 5.0
"""Seconds before reconnecting: at first, at most; each half more or less, as the official client does."""


class Client:
    """Stays connected from `start` to `stop`."""

    seat = Seat
    opens_within = OPENING
    """Seconds after which it gives up to connect at an address."""

    def __init__(
        self, http: aiohttp.ClientSession, url: str, name: str, transports: Sequence[str], ledger: Ledger
    ) -> None:
        self.name = name
        self.transports = transports
        self.connection: Connection | None = None
        self.pulse = Pulse()
        self.seats: dict[str, Seat] = {}
        self._http = http
        self._url = url
        self._ledger = ledger
        self.task: asyncio.Task[None] | None = None
        """What keeps it connected; ends before `stop` only with an error."""

    def attend(self, room: str) -> None:
        """Take a seat; to be called before `start`."""
        self.seats[room] = self.seat(self.name, room, self._ledger, self.pulse)

    def start(self) -> None:
        self.task = asyncio.create_task(self._stay_connected())

    async def stop(self) -> None:
        """Raises what ended the client before, if something did."""
        if self.task:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task

    @property
    def is_connected(self) -> bool:
        return self.connection is not None and not self.connection.ended.is_set()

    @property
    def is_live(self) -> bool:
        """Connected, and nothing that it knows of is missing."""
        return self.is_connected and all(seat.is_live for seat in self.seats.values())

    @property
    def unanswered(self) -> int:
        return sum(len(seat.outbox) for seat in self.seats.values())

    def say(self, room: str, id: str, text: str) -> None:
        post = Post(id, room, self.name, text, time.monotonic())
        self._ledger.post(post)
        self.seats[room].say(post)

    async def reconnect(self, politely: bool) -> None:
        """End the connection, as a laptop does that is closed or carried away."""
        if self.connection:
            if politely:
                await self.connection.close()
            else:
                self.connection.cut()

    async def _stay_connected(self) -> None:
        failures, left = 0, 0.0
        while True:
            try:
                self.connection = await Connection.open(
                    self._http,
                    self._address(failures),
                    self.transports,
                    {"name": self.name},
                    self._hear,
                    self.opens_within,
                )
            except ConnectionFailed:
                failures += 1
            else:
                failures = 0
                if left:
                    self._ledger.be_away(self.name, left, time.monotonic())
                try:
                    await self._attend_all(self.connection)
                finally:
                    self.connection.cut()
                left = time.monotonic()
            await asyncio.sleep(self._pause(failures))

    def _address(self, failures: int) -> str:
        """Where it connects, after so many tries in a row that failed."""
        return self._url

    def _pause(self, failures: int) -> float:
        """Seconds before it tries again."""
        first, most = RECONNECT
        return float(min(most, first * 2 ** min(failures, 10)) * random.uniform(0.5, 1.5))

    async def _attend_all(self, connection: Connection) -> None:
        """Returns when the connection has ended."""
        async with asyncio.TaskGroup() as tasks:
            work = [tasks.create_task(self._attend(connection, seat)) for seat in self.seats.values()]
            await connection.ended.wait()
            for task in work:
                task.cancel()

    async def _attend(self, connection: Connection, seat: Seat) -> None:
        try:
            await seat.attend(connection)
        except* Lost:
            connection.cut()

    def _hear(self, event: str, arguments: list[Any]) -> None:
        # A client of the guide's kind sends and gets the text alone.
        if event == "response" and len(arguments) > 1 and (seat := self.seats.get(arguments[1]["room"])):
            seat.hear({"text": arguments[0], **arguments[1]})
