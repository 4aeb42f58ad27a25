"""People who read: each on two devices, in the crowd's rooms, at random further or less far than before. What
they are told of their marks goes into the ledger."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp

from tests.faults.ledger import Ledger, Mark
from tests.faults.seat import Refused, ask
from tests.faults.sign_in import sign_in
from tests.faults.transports import ConnectionFailed
from tests.faults.wire import Connection, Lost
from tests.support.waiting import soon

READERS = 4
PAUSE = 0.1
"""Seconds between two marks of one device."""
AGAIN = 0.5
"""Seconds before a device connects again."""


class Reader:
    """A person with a cookie, which both devices have. When Redis lost what it had the cookie counts no more,
    and the person signs in again."""

    def __init__(self, http: aiohttp.ClientSession, url: str, name: str) -> None:
        self.http = http
        self.url = url
        self.name = name
        self.sign_ins = 0
        self.signed_in = False
        self.id = ""

    async def sign_in(self) -> None:
        self.sign_ins, self.id, self.signed_in = self.sign_ins + 1, "", False
        with suppress(aiohttp.ClientError, TimeoutError):
            await sign_in(self.http, self.url, self.name)
            self.signed_in = True

    async def is_who(self, id: str, sign_ins: int) -> bool:
        """Whether a connection that was opened after so many sign-ins is this person's."""
        if sign_ins == self.sign_ins:
            if self.signed_in and self.id in ("", id):
                self.id = id
            else:
                await self.sign_in()
        return id == self.id


async def device(reader: Reader, rooms: Sequence[str], ledger: Ledger) -> None:
    """Stay connected and read, until cancelled."""
    while True:
        sign_ins = reader.sign_ins
        with suppress(ConnectionFailed):
            connection = await Connection.open(
                reader.http, reader.url, ["websocket"], {"name": reader.name}, lambda event, arguments: None
            )
            try:
                await _read(connection, reader, sign_ins, rooms, ledger)
            except (Lost, Refused):
                pass
            finally:
                connection.cut()
        await asyncio.sleep(AGAIN)


async def _read(
    connection: Connection, reader: Reader, sign_ins: int, rooms: Sequence[str], ledger: Ledger
) -> None:
    for room in rooms:
        await ask(connection, "join", {"room": room})
    while True:
        asked = time.monotonic()
        answer = await ask(connection, "rooms")
        if not await reader.is_who(answer["you"]["id"], sign_ins):
            return
        known = {each["room"]: each for each in answer["rooms"] if each["room"] in rooms and each["epoch"]}
        for each in known.values():
            _note(ledger, reader, each, asked)
        for room in random.sample(sorted(known), min(3, len(known))):
            place = {
                "room": room,
                "epoch": known[room]["epoch"],
                "seq": random.randint(0, known[room]["head"]),
            }
            asked = time.monotonic()
            _note(ledger, reader, await ask(connection, "read", place), asked)
            await asyncio.sleep(PAUSE)


def _note(ledger: Ledger, reader: Reader, told: dict[str, Any], asked: float) -> None:
    seq = told.get("read", 0)
    ledger.mark(Mark(reader.id, told["room"], told["epoch"], seq, asked, time.monotonic()))


@asynccontextmanager
async def readers(url: str, rooms: Sequence[str], ledger: Ledger) -> AsyncIterator[None]:
    """Some people read, on two devices each, until the end."""
    async with aiohttp.TCPConnector(limit=0) as connector:
        sessions = [
            aiohttp.ClientSession(
                connector=connector, connector_owner=False, cookie_jar=aiohttp.CookieJar(unsafe=True)
            )
            for _ in range(READERS)
        ]
        people = [Reader(http, url, f"reader {number}") for number, http in enumerate(sessions)]
        for person in people:
            await person.sign_in()
        devices = [asyncio.create_task(device(each, rooms, ledger)) for each in people for _ in range(2)]
        try:
            await soon(lambda: len(ledger.marks) > READERS, within=30, what="everybody reads")
            yield
        finally:
            for each in devices:
                each.cancel()
            results = await asyncio.gather(*devices, return_exceptions=True)
            for http in sessions:
                await http.close()
        failures = [each for each in results if isinstance(each, Exception)]
        if failures:
            raise ExceptionGroup("readers ended in a way that none may", failures)
