"""The registry: the one way in which a client's event is declared, and so limited, answered and counted."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any

from relay import IdTaken, LogFull, LogUnavailable, NotRead, RelayServer

from chat.domain.refusals import Refused
from chat.events.answers import FLOOD, FULL, ID_TAKEN, NOT_CONNECTED, NOT_READ, UNAVAILABLE, Answer
from chat.events.connection import Connection
from chat.events.connections import Connections
from chat.observe.event_metrics import Tally

Handler = Callable[..., Awaitable[Answer]]


class Registry:
    """The events of one server. A client whose events are in vain too often is disconnected."""

    def __init__(self, server: RelayServer, connections: Connections, tally: Tally) -> None:
        self._server = server
        self._connections = connections
        self._tally = tally
        self._closing: set[asyncio.Task[None]] = set()  # asyncio itself holds tasks weakly
        server.on_useless(self._useless)

    def declare(self, name: str, handler: Handler, counted_apart: bool = False, large: bool = False) -> None:
        """Answer the event with `{ok: true, …}` and what the handler returns, or `{ok: false, error, detail}`
        when it raises Refused, IdTaken or LogUnavailable. `counted_apart`: it has a limit of its own, and is
        none of a client's other requests. `large`: its answer may be, and waits for a client that reads."""

        @wraps(handler)
        async def answer(sid: str, *arguments: Any) -> Answer:
            connection = self._connections.of(sid)
            if connection is None:
                return NOT_CONNECTED.answer()
            if connection.closing:
                return FLOOD.answer()
            try:
                if not counted_apart:
                    connection.count_request()
                async with self._server.large_answer(sid) if large else nullcontext():
                    return {"ok": True, **await handler(connection, *arguments)}
            except LogFull:
                refusal = FULL
            except LogUnavailable:
                return UNAVAILABLE.answer()
            except Refused as refused:
                refusal = refused
            except NotRead:
                refusal = NOT_READ
            except IdTaken:
                refusal = ID_TAKEN
            if refusal.error == "rate_limited":
                connection.log.limited()
            return refusal.answer() if self.strike(connection) else FLOOD.answer()

        self._server.on(name, self._tally.counted(name, answer))

    def strike(self, connection: Connection) -> bool:
        """Count work that a client caused for nothing. False if its abuse budget is spent: then it is
        disconnected after the answer."""
        if not connection.closing and not connection.strike():
            connection.closing = True
            closing = asyncio.create_task(self._server.drop(connection.sid, "flood"))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        return not connection.closing

    async def _useless(self, sid: str) -> None:
        """What nobody asked for has no answer."""
        self._tally.useless += 1
        if connection := self._connections.of(sid):
            self.strike(connection)
