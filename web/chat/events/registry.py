"""The registry: the one way in which a client's event is declared, and so limited, answered and counted."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any

from relay import IdTaken, LogFull, LogUnavailable, NotRead, RelayServer

from chat.domain.limits import WorkerLimits
from chat.domain.refusals import Refused
from chat.events.answers import FLOOD, FULL, ID_TAKEN, NOT_CONNECTED, NOT_READ, UNAVAILABLE, Answer
from chat.observe.event_metrics import Tally

Handler = Callable[..., Awaitable[Answer]]


class Registry:
    """The events of one server. A client whose events are in vain too often is disconnected."""

    def __init__(self, server: RelayServer, limits: WorkerLimits, tally: Tally) -> None:
        self._server = server
        self._limits = limits
        self._tally = tally
        self._dropping: set[asyncio.Task[None]] = set()  # asyncio itself holds tasks weakly
        server.on_useless(self._useless)

    def declare(self, name: str, handler: Handler, counted_apart: bool = False, large: bool = False) -> None:
        """Answer the event with `{ok: true, …}` and what the handler returns, or `{ok: false, error, detail}`
        when it raises Refused, IdTaken or LogUnavailable. `counted_apart`: it has a limit of its own, and is
        none of a client's other requests. `large`: its answer may be, and waits for a client that reads."""

        @wraps(handler)
        async def answer(sid: str, *arguments: Any) -> Answer:
            session = await self._server.get_session(sid)
            if "visit" not in session:
                return NOT_CONNECTED.answer()
            identity, visit = session["identity"], session["visit"]
            if visit.over:
                return FLOOD.answer()
            try:
                if not counted_apart:
                    self._limits.ask(identity.person.id, visit.address)
                async with self._server.large_answer(sid) if large else nullcontext():
                    return {"ok": True, **await handler(sid, *arguments)}
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
                visit.limited()
            return refusal.answer() if await self.strike(sid) else FLOOD.answer()

        self._server.on(name, self._tally.counted(name, answer))

    async def strike(self, sid: str) -> bool:
        """Whether a session may go on, that caused work for nothing once more. If not it is closed, after the
        answer."""
        session = await self._server.get_session(sid)
        identity, visit = session["identity"], session["visit"]
        if not visit.over and not self._limits.strike(identity.person.id, visit.address):
            visit.over = True
            dropping = asyncio.create_task(self._server.drop(sid, "flood"))
            self._dropping.add(dropping)
            dropping.add_done_callback(self._dropping.discard)
        return not visit.over

    async def _useless(self, sid: str) -> None:
        """What nobody asked for has no answer."""
        self._tally.useless += 1
        if "visit" in await self._server.get_session(sid):
            await self.strike(sid)
