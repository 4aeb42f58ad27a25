"""The purge: what somebody wrote lately, in every open room, or a room altogether, is gone. In short steps.

A person's messages are emptied as deleted ones are, many with one notice. A room's log is forgotten, and
its members begin anew.
"""

from time import monotonic, time
from typing import NamedTuple

from relay import Changed, NoSuchEntry, Page, Relay

from chat.domain.deletions import deletions, emptying
from chat.domain.file_deletion import NO_FILES, FileDeletion
from chat.domain.kinds import has_text
from chat.domain.messages import message_of
from chat.domain.room_names import is_guarded
from chat.domain.targets import Target

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
    def __init__(self, relay: Relay, files: FileDeletion = NO_FILES) -> None:
        self._relay = relay
        self._files = files

    async def room(self, room: str) -> None:
        """Forget all that was written in a room. Raises LogUnavailable."""
        await self._relay.log.clear(room)
        await self._relay.emit_volatile("purged", {"room": room}, room)
        await self._files.delete_all(room)

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
                try:
                    purged += await self._empty(each, await self._theirs(each, page, person, since))
                except (Changed, NoSuchEntry):
                    # Somebody edited one since, the room was purged, or its oldest entries have gone.
                    continue
                more = page.more and page.entries[0].at >= since
                end = page.entries[0].seq if page.entries else None
        return Reached(purged)

    async def _theirs(self, room: str, page: Page, person: str, since: float) -> list[Target]:
        """Return the messages that a person wrote or edited by entries of a page since this time."""
        found: dict[int, Target] = {}
        edited = set[int]()
        for entry in page.entries:
            about = message_of(entry)
            if entry.at < since or about.get("author", {}).get("id") != person:
                continue
            if "text" in about:
                found[entry.seq] = Target(entry, about)
            elif "edits" in about:
                edited.add(about["edits"])
        for seq in sorted(edited - {*found}):
            for entry in (await self._relay.log.read(room, after=seq - 1, limit=1)).entries:
                if entry.seq == seq and has_text(entry):
                    found[seq] = Target(entry, message_of(entry))
        return [found[seq] for seq in sorted(found)]

    async def _empty(self, room: str, targets: list[Target]) -> int:
        if targets:
            notice = deletions([each.entry.seq for each in targets])
            await self._relay.log.amend_each(room, await emptying(self._relay.log, targets), *notice)
            for each in targets:
                await self._files.delete(room, each.message)
        return len(targets)
