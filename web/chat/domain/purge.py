"""The purge: what somebody wrote lately, in every open room, or a room altogether, is gone. In short steps.

A person's messages are emptied as deleted ones are, many with one notice. A room's log is forgotten, and
its members begin anew.
"""

from time import monotonic, time
from typing import Any, NamedTuple

from relay import Amendment, NoSuchEntry, Relay

from chat.domain.messages import deletions, message_of, tombstone
from chat.domain.room_names import is_guarded

BATCH = 50
"""Messages read at once, and emptied at once at most; that takes Redis some milliseconds."""
STEP = 1.0
"""Seconds after which a purge says where to go on."""


class Reached(NamedTuple):
    """How many messages a step has purged, and where the next one begins; None: that was all."""

    purged: int
    room: str | None = None
    before: int | None = None


class Purge:
    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    async def room(self, room: str) -> None:
        """Forget all that was written in a room. Raises LogUnavailable."""
        await self._relay.log.clear(room)
        await self._relay.emit_volatile("purged", {"room": room}, room)

    async def person(
        self, person: str, seconds: int | None, room: str | None = None, before: int | None = None
    ) -> Reached:
        """Empty what a person wrote within so many seconds, or ever; beginning in `room` with what comes
        before number `before`. Raises LogUnavailable."""
        since = 0 if seconds is None else (time() - seconds) * 1000
        until, purged = monotonic() + STEP, 0
        for each in sorted(await self._relay.log.logs()):
            if (room is not None and each < room) or is_guarded(each):
                continue
            end = before if each == room else None
            more = True
            while more:
                if monotonic() > until:
                    return Reached(purged, each, end)
                page = await self._relay.log.read(each, before=end, limit=BATCH)
                messages = [message_of(entry) for entry in page.entries]
                theirs = [
                    message
                    for message in messages
                    if "text" in message and message["author"]["id"] == person and message["at"] >= since
                ]
                try:
                    purged += await self._empty(theirs)
                except (
                    NoSuchEntry
                ):  # the room was purged since, or its oldest entries have gone: read it again
                    continue
                more = page.more and page.entries[0].at >= since
                end = page.entries[0].seq if page.entries else None
        return Reached(purged)

    async def _empty(self, messages: list[dict[str, Any]]) -> int:
        if messages:
            amendments = [Amendment(each["seq"], each["id"], tombstone(each)) for each in messages]
            notice = deletions([each.seq for each in amendments])
            await self._relay.log.amend_each(messages[0]["room"], amendments, *notice)
        return len(messages)
