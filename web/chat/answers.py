"""The answers to events: what a handler returns or raises, as an acknowledgement of the wire contract."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Protocol

from relay import IdTaken, LogFull, LogUnavailable, NotRead, Page, People, RelayServer

from chat.messages import message_of
from chat.refusals import Refused
from chat.visits import Visit

LIMITED_APART = ("message", "typing")
"""The events that are not counted with the other requests."""

LARGE = ("join", "history", "rooms", "on_audit", "on_sanctions")
"""The events whose answers may be large."""

Answer = dict[str, Any]
Handler = Callable[..., Awaitable[Answer]]

UNAVAILABLE = Refused("unavailable", "The log can't be reached. Nothing is lost: try again in a moment.")
FULL = Refused(
    "full",
    "The chat's memory is full, and nothing was kept of this. A moderator can make room: try again later.",
)
ID_TAKEN = Refused("invalid", "This id was used for another message. Send it again under a new one.")
NOT_READ = Refused(
    "rate_limited", "Read what you were sent; then ask for more, one after the other.", retry_after=1
)
NOT_CONNECTED = Refused("invalid", "Wait for the answer to CONNECT first.")
FLOOD = Refused(
    "rate_limited", "You went on while you were refused. This connection is closed.", retry_after=10
)


class Handlers(Protocol):
    """What `answered` needs of whoever has the handlers."""

    server: RelayServer

    def refuse(self, sid: str, visit: Visit, refusal: Refused) -> Answer: ...


def answered(handler: Handler) -> Handler:
    """Answer `{ok: true, …}` with what the handler returns, or `{ok: false, error, detail}`."""

    @wraps(handler)
    async def answer(handlers: Handlers, sid: str, *arguments: Any) -> Answer:
        visit: Visit | None = (await handlers.server.get_session(sid)).get("visit")
        if visit is None:
            return NOT_CONNECTED.answer()
        if visit.over:
            return FLOOD.answer()
        try:
            if handler.__name__ not in LIMITED_APART:
                visit.allowances.ask()
            if handler.__name__ not in LARGE:
                return {"ok": True, **await handler(handlers, sid, *arguments)}
            async with handlers.server.large_answer(sid):
                return {"ok": True, **await handler(handlers, sid, *arguments)}
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
        return handlers.refuse(sid, visit, refusal)

    return answer


def answer_of(page: Page) -> Answer:
    return {"messages": [message_of(entry) for entry in page.entries], "more": page.more}


def people_of(people: People) -> Answer:
    """Return how many are in a room, and the first of them."""
    return {"count": people.count, "people": [{"id": one.id, "name": one.name} for one in people.first]}
