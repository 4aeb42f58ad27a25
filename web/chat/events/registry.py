"""The registry of events: each is answered, limited and counted as its Event declares."""

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Any

from relay import IdTaken, LogFull, LogUnavailable, NotConnected, NotRead, RelayServer

from chat.domain.moderators import check_moderator
from chat.domain.refusals import Refused
from chat.events.answers import FLOOD, FULL, ID_TAKEN, NOT_CONNECTED, NOT_READ, UNAVAILABLE, Answer
from chat.events.connection import Connection
from chat.events.connections import Connections
from chat.events.event import Event, Who
from chat.observe.event_metrics import EventMetrics


class Registry:
    """The events of one server. A client that has spent its abuse budget is disconnected."""

    def __init__(
        self,
        server: RelayServer,
        connections: Connections,
        event_metrics: EventMetrics,
    ) -> None:
        self.events: list[Event] = []
        self._server = server
        self._connections = connections
        self._event_metrics = event_metrics
        self._closing: set[asyncio.Task[None]] = set()  # asyncio itself holds tasks weakly
        server.on_useless(self._useless)

    def declare(self, events: Iterable[Event]) -> None:
        """Answer these events from now on, and count them."""
        for event in events:
            self.events.append(event)
            self._server.on(event.name, self._event_metrics.counted(event.name, partial(self._answer, event)))

    async def _answer(self, event: Event, sid: str, *arguments: Any) -> Answer:
        """Return `{ok: true, …}` and what the handler returns, or `{ok: false, error, detail, …}`."""
        connection = self._connections.of(sid)
        if connection is None:
            return NOT_CONNECTED.answer()
        if connection.closing:
            return FLOOD.answer()
        try:
            return {"ok": True, **await self._handle(event, connection, arguments)}
        except LogFull:
            refusal = FULL
        except LogUnavailable:
            return UNAVAILABLE.answer()
        except NotConnected:  # it has gone meanwhile
            return NOT_CONNECTED.answer()
        except Refused as refused:
            refusal = refused
        except NotRead:
            refusal = NOT_READ
        except IdTaken:
            refusal = ID_TAKEN
        if refusal.error == "rate_limited":
            connection.log.limited()
        return refusal.answer() if self.strike(connection) else FLOOD.answer()

    async def _handle(self, event: Event, connection: Connection, arguments: tuple[Any, ...]) -> Answer:
        connection.count(event.limit)
        if event.who is Who.MODERATORS:
            check_moderator(connection.identity)
        read = event.read(arguments)
        if not event.large:
            return await event.handler(connection, **read)
        async with self._server.large_answer(connection.sid):
            return await event.handler(connection, **read)

    def strike(self, connection: Connection) -> bool:
        """Count work that a client caused for nothing. False if its abuse budget is spent: then it is
        disconnected after the answer."""
        if not connection.closing and not connection.strike():
            connection.closing = True
            closing = asyncio.create_task(self._server.disconnect_for_good(connection.sid, "flood"))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        return not connection.closing

    async def _useless(self, sid: str) -> None:
        """Count a packet that nobody handles. It has no answer."""
        self._event_metrics.useless += 1
        if connection := self._connections.of(sid):
            self.strike(connection)
