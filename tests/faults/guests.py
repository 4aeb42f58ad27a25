"""Guests: bare connections for tests that look at single answers, and remember what they heard."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp

from tests.faults.transports import ConnectionFailed
from tests.faults.wire import Connection
from tests.support.waiting import PATIENCE


class Guest:
    """One connection that does nothing on its own, in the room it was brought to."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        """The message objects, as they came."""
        self.connection: Connection

    @property
    def route(self) -> str:
        return self.connection.route

    async def ask(self, event: str, *arguments: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await self.connection.ask(event, *arguments, within=PATIENCE)
        return answer

    async def say(self, room: str, name: str, text: str) -> dict[str, Any]:
        """Post a message with the id `name`."""
        return await self.ask("message", text, {"room": room, "id": name})

    async def read(self, room: str) -> list[dict[str, Any]]:
        """The room's log from its first message to its last."""
        log: list[dict[str, Any]] = []
        while True:
            after = log[-1]["seq"] if log else 0
            page = (await self.ask("history", {"room": room, "after": after}))["messages"]
            if not page:
                return log
            log += page

    def hear(self, event: str, arguments: list[Any]) -> None:
        if event == "response":
            self.heard.append({"text": arguments[0], **arguments[1]})


@asynccontextmanager
async def guests(url: str, room: str, names: Sequence[str]) -> AsyncIterator[list[Guest]]:
    """A guest for each name, all in `room`. Who has the same name is the same author."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()
    ) as http:
        found = [Guest() for _ in names]
        for name, guest in zip(names, found, strict=True):
            guest.connection = await _connect(http, url, name, guest)
            await _join(guest, room)
        try:
            yield found
        finally:
            await asyncio.gather(*(guest.connection.close() for guest in found))


async def _connect(http: aiohttp.ClientSession, url: str, name: str, guest: Guest) -> Connection:
    """The test before may have left Redis just back: the workers know it half a second later, …"""
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(ConnectionFailed):
                return await Connection.open(http, url, ["websocket"], {"name": name}, guest.hear)
            await asyncio.sleep(0.1)


async def _join(guest: Guest, room: str) -> None:
    """… when it is joined, too."""
    async with asyncio.timeout(PATIENCE):
        while not (await guest.ask("join", {"room": room}))["ok"]:
            await asyncio.sleep(0.1)


def on_each_worker(found: Sequence[Guest]) -> list[Guest]:
    """One of these guests for each worker that any of them is on."""
    return list({guest.route: guest for guest in found}.values())
