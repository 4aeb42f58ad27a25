"""What this worker reports: which members it has in each room, written to Redis when they change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from relay.delivery.people import LISTED
from relay.delivery.presence import Presence
from relay.log.log import LogFull, LogUnavailable
from relay.redis.presence_reports import AT_ONCE, Change, Reports, first_words

logger = logging.getLogger(__name__)

ROOMS_AT_ONCE = 1000
"""Rooms whose reports are written at once. One takes 70 µs of Redis, and the worker's probe waits behind
them. Where that takes 3 s, the worker takes its connection for dead."""
UNKNOWN = -1
"""The version of a report while we don't know what Redis has of it: it is written anew."""


@dataclass
class _Written:
    """A report as Redis has it. `first`: this worker's first members as it lists them, in a large room."""

    version: int = 0
    members: dict[str, str] = field(default_factory=dict)
    first: bytes = b""


class OwnReports:
    def __init__(
        self, reports: Reports, presence: Presence, written: Callable[[str, int | None], None]
    ) -> None:
        """`presence`: the members on this worker. `written(room, count)`: called after what changed in a room
        was written, with how many members it has on all workers; with None if there was nothing to write."""
        self._reports = reports
        self._presence = presence
        self._tell_written = written
        self._written: dict[str, _Written] = {}
        self._version = 0
        self._changed: dict[str, set[str]] = {}  # members that may have changed, by room
        self._large: set[str] = set()  # rooms in which the first members here are listed

    def changed(self, room: str, id: str) -> None:
        """Note that a member of this worker came, left or changed its name."""
        self._changed.setdefault(room, set()).add(id)

    def check(self, room: str, version: int) -> None:
        """Have a report written anew if Redis does not have the version that we wrote. Not while a report is
        being written."""
        written = self._written.get(room)
        if version != (written.version if written is not None else 0):
            self._write_anew(room)

    def set_large(self, room: str, large: bool) -> None:
        """Have the first members here listed while a room is large."""
        if not large:
            self._large.discard(room)
        elif room not in self._large:
            self._large.add(room)
            self._changed.setdefault(room, set())

    @property
    def withdrawn(self) -> bool:
        """Whether Redis has no member of this worker any more."""
        return not self._written and not self._changed

    async def heartbeat(self) -> None:
        """Have Redis keep all reports. Raises LogUnavailable."""
        for room in list(self._written):
            await self._reports.heartbeat(room)

    @property
    def waiting(self) -> bool:
        """Whether there is something to write."""
        return bool(self._changed)

    async def write(self) -> None:
        """Write what changed, of each room `AT_ONCE` members at most. What can't be written is tried again
        the next time."""
        rooms = list(self._changed)
        for first in range(0, len(rooms), ROOMS_AT_ONCE):
            some = {room: self._changed.pop(room) for room in rooms[first : first + ROOMS_AT_ONCE]}
            await asyncio.gather(*(self._write(room, ids) for room, ids in some.items()))

    async def _write(self, room: str, ids: set[str]) -> None:
        written = self._written.get(room, _Written())
        try:
            if written.version == UNKNOWN:
                await self._reports.remove(room, self._reports.worker)
                written, ids = _Written(), set(self._presence.local(room))
            change = self._change(room, written, ids)
            count = None if change is None else await self._reports.write(room, change)
        except LogFull:  # nothing was written, and what Redis has of it stays
            self._changed.setdefault(room, set()).update(ids)
            return
        except LogUnavailable as error:
            logger.debug("presence in room %s could not be written: %s", room, error)
            self._write_anew(room)
            return
        if change is not None and count is None:
            self._write_anew(room)
        elif change is not None:
            self._keep(room, written, change)
        elif not written.members and not written.first:
            self._forget(room)
        if count is not None and room in self._written:
            self.set_large(room, count > LISTED)
        self._tell_written(room, count)

    def _change(self, room: str, written: _Written, ids: set[str]) -> Change | None:
        """Return what changed of some members since a report was written; None if nothing did. The others'
        turn comes next."""
        local = self._presence.local(room)
        some = list(islice(ids, AT_ONCE))
        if rest := ids.difference(some):
            self._changed.setdefault(room, set()).update(rest)
        joined = {id: local[id] for id in some if id in local and written.members.get(id) != local[id]}
        left = [id for id in some if id in written.members and id not in local]
        large = bool(local) and room in self._large
        first = first_words(self._presence.first_here(room)) if large else b""
        if not joined and not left and first == written.first:
            return None
        self._version += 1  # of this report: those of other rooms are written meanwhile
        stays = bool(joined) or len(written.members) > len(left)
        return Change(written.version, self._version, joined, left, first, stays)

    def _keep(self, room: str, written: _Written, change: Change) -> None:
        """Note that a change was written."""
        if not change.stays:
            self._forget(room)
            return
        for id in change.left:
            del written.members[id]
        written.members |= change.joined
        written.version, written.first = change.version, change.first
        self._written[room] = written

    def _forget(self, room: str) -> None:
        self._written.pop(room, None)
        self._large.discard(room)

    def _write_anew(self, room: str) -> None:
        """Write all of a report the next time."""
        self._written[room] = _Written(UNKNOWN)
        self._changed.setdefault(room, set())
