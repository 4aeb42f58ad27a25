"""An application of Rooms in memory, and who may do what in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from relay import Act, Options, Relay, RelayServer, Rooms

from tests.support.application import Visitor, serving


class Board:
    """`denied`: the acts that are refused, as (act, room), with the reason; or without, for False."""

    def __init__(self, **options: Any) -> None:
        self.denied: dict[tuple[str, str], str | None] = {}
        self.asked: list[tuple[str, Act, str]] = []
        self.useless: list[str] = []
        self.relay = Relay.in_memory(options=Options(keep=0))
        self.server = RelayServer(self.relay.manager)
        self.rooms = Rooms(self.relay, self.server, authorize=self.may, **options)
        self.server.on_useless(self.count)

    async def may(self, sid: str, act: Act, room: str) -> bool | str:
        self.asked.append((sid, act, room))
        if (act, room) in self.denied:
            return self.denied[act, room] or False
        return True

    async def count(self, sid: str) -> None:
        self.useless.append(sid)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        async with serving(self.server) as url:
            self.url = url
            yield url

    async def visitor(self, *transports: str) -> Visitor:
        return await Visitor.at(self.url, *transports)
