"""Rooms: the events by which clients join, read and append, ready to use.

    relay = Relay.on_redis(url)
    server = RelayServer(relay.manager)
    rooms = Rooms(relay, server, authorize=may)

Every event is one of the table below, and passes `_answer`: there its arguments are checked, the application
is asked for the right, and what goes wrong becomes an answer. The wire contract is in docs/relay-features.md.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any, Literal

from relay import room_arguments as read
from relay import room_entries
from relay.delivery.room_names import NAMESPACE
from relay.log.log import IdTaken, LogFull, LogUnavailable, Page, TooManyLogs
from relay.log.post import Post
from relay.log.rules import Denied, RequirementUnmet
from relay.log.token_buckets import Limited
from relay.relay import NotConnected, Relay
from relay.room_arguments import Reader, Refused
from relay.server import RelayServer
from relay.transport.large_answers import NotRead

Act = Literal["join", "read", "append"]
"""What a client wants to do in a room. `join`: get what is new, and read a page; `read`: read older pages."""
Authorize = Callable[[str, Act, str], Awaitable[bool | str]]
"""The application's function that is asked for each act of a client: `await authorize(sid, act, room)`. True
allows it. Anything else refuses it; a text is the reason that the client is given."""
Prepare = Callable[[str, str, Post], Awaitable[Post]]
"""The application's function that may change a post before it is appended: `await prepare(sid, room,
post)`."""
Answer = dict[str, Any]

PAGE = 200
"""Entries that one answer holds at most."""
ANSWER_MAX_BYTES = 256 * 1024
"""Bytes of entries that one answer holds: a part of what a client may leave unread (see Options)."""

UNAVAILABLE = Refused("unavailable", "The log can't be reached. Try again in a moment, under the same id.")
FULL = Refused("full", "The memory is full, and nothing was kept of this. Try again later.")
TOO_MANY_LOGS = Refused("full", "There are as many rooms as allowed.")
ID_TAKEN = Refused("id_taken", "This id was used for something else. Append it under a new one.")
UNMET = Refused("forbidden", "You may not append here.")
GONE = Refused("invalid", "This client has left the namespace.")
NOT_READ = Refused("rate_limited", "Read what you were sent; then ask for more.", retry_after=1)


async def everybody(sid: str, act: Act, room: str) -> bool:
    """Allow everything: for rooms that are open to whoever was let in by the `connect` handler."""
    return True


async def unchanged(sid: str, room: str, post: Post) -> Post:
    """Return the post as it is."""
    return post


@dataclass(frozen=True)
class _Event:
    """`act`: what the application is asked; None: nothing. `arguments`: how each is read. `large`: the answer
    may have more than a few kilobytes."""

    handler: Callable[..., Awaitable[Answer]]
    act: Act | None
    arguments: Mapping[str, Reader]
    large: bool = False


class Rooms:
    """The events `join`, `leave`, `history` and `append` of one server. Entries are JSON values."""

    event_of = staticmethod(room_entries.event_of)
    """The event for an entry: what a Relay for Rooms is made with. It is the default."""
    post = staticmethod(room_entries.post)
    """`Rooms.post(id, value)`: a post for `relay.log.append`, for what the application itself appends."""
    value_of = staticmethod(room_entries.value_of)
    """`Rooms.value_of(entry)`: the value of an entry that the application itself reads."""

    def __init__(
        self,
        relay: Relay,
        server: RelayServer,
        *,
        authorize: Authorize,
        prepare: Prepare = unchanged,
        namespace: str = NAMESPACE,
        max_rooms: int = 100,
        max_data_bytes: int = 32 * 1024,
    ) -> None:
        """`authorize`: who may do what; `everybody` allows all. `prepare`: may give a post its author, rates
        or preconditions, or other data. `max_rooms`: rooms that one client may be in. `max_data_bytes`: bytes
        of one entry's data, as JSON. `namespace`: where the events are; entries reach a room's members in
        whatever namespaces they are."""
        if relay.manager.fanout.event_of is not room_entries.event_of:
            raise ValueError("Make the Relay with Rooms.event_of, or without an event_of.")
        if server.manager is not relay.manager:
            raise ValueError(
                "This server is another relay's: take the one made with RelayServer(relay.manager)."
            )
        self._relay = relay
        self._server = server
        self._authorize = authorize
        self._prepare = prepare
        self._max_rooms = max_rooms
        self._max_data_bytes = max_data_bytes
        number = read.whole_number
        place = {"after": number("after"), "epoch": read.epoch}
        pages = {"after": number("after"), "before": number("before"), "limit": number("limit")}
        events = {
            "join": _Event(self._join, "join", {"room": read.room, **place}, large=True),
            "leave": _Event(self._leave, None, {"room": read.room}),
            "history": _Event(self._history, "read", {"room": read.room, **pages}, large=True),
            "append": _Event(self._append, "append", {"room": read.room, "id": read.id, "data": read.data}),
        }
        for name, event in events.items():
            if name in server.handlers.get(namespace, {}):
                raise ValueError(f"The event {name} has a handler already.")
            server.on(name, partial(self._answer, event), namespace=namespace)

    async def remove(self, room: str, *, sid: str | None = None, group: str | None = None) -> None:
        """End the membership of a client, or of all clients of a group; see Relay.remove. First change what
        `authorize` returns, then call this. A join that is under way is asked for again."""
        await self._relay.remove(room, sid=sid, group=group)

    async def _answer(self, event: _Event, sid: str, *arguments: Any) -> Answer:
        """Return `{ok: true, …}` and what the handler returns, or `{ok: false, error, detail, …}`. What was
        refused is counted as work for nothing; see RelayServer.on_useless."""
        try:
            return {"ok": True, **await self._handle(event, sid, arguments)}
        except LogFull:
            refusal = FULL
        except LogUnavailable:
            return UNAVAILABLE.answer()
        except NotConnected:
            return GONE.answer()
        except Refused as refused:
            refusal = refused
        except NotRead:
            refusal = NOT_READ
        except IdTaken:
            refusal = ID_TAKEN
        except RequirementUnmet:
            refusal = UNMET
        except TooManyLogs:
            refusal = TOO_MANY_LOGS
        except Limited as limited:
            refusal = Refused("rate_limited", "That is too often.", max(1, ceil(limited.retry_after)))
        except Denied as denied:
            refusal = Refused("forbidden", f"The rule {denied.rule} keeps this out.", denied.seconds)
        await self._server.count_useless(sid)
        return refusal.answer()

    async def _handle(self, event: _Event, sid: str, arguments: tuple[Any, ...]) -> Answer:
        options = read.options_of(arguments)
        given = {name: reader(options) for name, reader in event.arguments.items()}
        removals = self._relay.removals
        await self._check_right(sid, event.act, given["room"])
        async with self._server.large_answer(sid) if event.large else nullcontext():
            while removals != self._relay.removals:  # the right may have ended meanwhile
                removals = self._relay.removals
                await self._check_right(sid, event.act, given["room"])
            return await event.handler(sid, **given)

    async def _check_right(self, sid: str, act: Act | None, room: str) -> None:
        """Raise Refused unless the application allows the act."""
        if act is None:
            return
        allowed = await self._authorize(sid, act, room)
        if allowed is not True:
            reason = allowed if isinstance(allowed, str) and allowed else f"You may not {act} here."
            raise Refused("forbidden", reason)

    def _check_joined(self, sid: str, room: str) -> None:
        """Raise Refused if the client is not in the room."""
        if not self._relay.joined(sid, room):
            raise Refused("not_joined", "Join the room first.")

    async def _join(self, sid: str, room: str, after: int | None, epoch: str | None) -> Answer:
        if not self._relay.joined(sid, room) and len(self._relay.rooms(sid)) >= self._max_rooms:
            raise Refused("full", f"You are in {self._max_rooms} rooms, the most. Leave one first.")
        await self._relay.join(sid, room)
        page, reset = await self._relay.resume(room, after=after, epoch=epoch, limit=PAGE)
        self._check_joined(sid, room)  # who was removed meanwhile is shown nothing
        answer = {"room": room, **_page(page, newest=after is None or reset)}
        return answer | ({"reset": True} if reset else {})

    async def _leave(self, sid: str, room: str) -> Answer:
        await self._relay.leave(sid, room)
        return {}

    async def _history(
        self, sid: str, room: str, after: int | None, before: int | None, limit: int | None
    ) -> Answer:
        self._check_joined(sid, room)
        page = await self._relay.log.read(room, after=after, before=before, limit=min(limit or PAGE, PAGE))
        self._check_joined(sid, room)
        return _page(page, newest=after is None)

    async def _append(self, sid: str, room: str, id: str, data: Any) -> Answer:
        self._check_joined(sid, room)
        try:
            kept = room_entries.data_of(data)
        except room_entries.NotJson as problem:
            raise Refused("invalid", str(problem)) from None
        if len(kept) > self._max_data_bytes:
            raise Refused("too_large", f"`data` has {len(kept)} bytes; the most is {self._max_data_bytes}.")
        # A repetition has the client's own data again, whatever `prepare` makes of it.
        post = await self._prepare(sid, room, Post(id, kept, fingerprint=kept))
        self._check_joined(sid, room)
        appended = await self._relay.log.append(room, post)
        if appended.duplicate:
            await self._server.count_useless(sid)
        place = {"room": room, "epoch": appended.epoch, "seq": appended.seq, "at": appended.at}
        return {"id": id, **place}


def _page(page: Page, newest: bool) -> Answer:
    """Return what an answer has of a page."""
    page = page.fitting(ANSWER_MAX_BYTES, newest=newest)
    entries = [room_entries.entry_of(entry) for entry in page.entries]
    return {"epoch": page.head.epoch, "head": page.head.seq, "entries": entries, "more": page.more}
