"""A follower keeps every room's local members level with its log. Knows neither Redis nor Socket.IO.

For each followed room it remembers how far the members were told. A live entry that comes next is told at
once. One that was told before is ignored. Anything else (a gap, another epoch) is never trusted: the room
becomes suspect, and its log is read from where the members stand. Every room is also compared with its
log's head every `interval` seconds, so a broadcast that nobody heard is found as well. Telling is one
synchronous step, and it only ever moves forward within an epoch: whatever order live entries, replays and
checks come in, no entry is told twice or out of order.

What the members were told begins at the log's head when the room is first followed. Whoever joins calls
`anchor` first and reads the log after that: what is read reaches at least up to where telling begins, and
everything beyond is told. The two may overlap; the reader drops what it has by `seq`.

When the log was lost or restored, telling goes on with its newest page; the entries' new epoch makes the
members start over.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress

from relay.log.log import Entry, Head, Log, LogUnavailable

logger = logging.getLogger(__name__)

PAGE = 100
"""Entries replayed at a time, so that many suspect rooms take turns and live entries get in between."""


class Follower:
    def __init__(self, log: Log, tell: Callable[[Entry], None], interval: float = 1.0) -> None:
        """`tell` hands one entry to its room's local members; it may not wait."""
        self._log = log
        self._tell_members = tell
        self._interval = interval
        self._told: dict[str, Head | None] = {}  # None: not anchored yet
        self._suspects: set[str] = set()
        self._wake = asyncio.Event()
        self._lacking: dict[str, int] = {}
        self.heals = self.healed = 0
        """How often a room was caught up by reading its log, and with how many entries."""

    @property
    def behind(self) -> int:
        """How many entries the rooms were found to lack when last compared with their logs."""
        return sum(self._lacking.values())

    def follow(self, room: str) -> None:
        """Begin to tell a room's entries; `unfollow` ends it."""
        self._told.setdefault(room, None)

    def unfollow(self, room: str) -> None:
        self._told.pop(room, None)
        self._lacking.pop(room, None)

    async def anchor(self, room: str) -> None:
        """Return once telling of the room has begun; raise LogUnavailable if its log can't be read."""
        if room in self._told and self._told[room] is None:
            self._begin(room, await self._log.head(room))

    def heard(self, entry: Entry) -> None:
        """Take a live entry."""
        if entry.room not in self._told:
            return
        self._begin(entry.room, Head(entry.epoch, entry.seq - 1))
        told = self._told[entry.room]
        assert told is not None
        if entry.epoch != told.epoch or entry.seq > told.seq + 1:
            self.suspect(entry.room)
        elif entry.seq == told.seq + 1:
            self._tell(entry)

    def suspect(self, room: str) -> None:
        """Compare a room with its log soon, because entries may have been missed."""
        self._suspects.add(room)
        self._wake.set()

    async def run(self) -> None:
        """Check suspect rooms at once and all rooms every `interval` seconds, until cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time() + self._interval
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._wake.wait()
            self._wake.clear()
            rooms, self._suspects = self._suspects, set()
            if loop.time() >= due:
                due = loop.time() + self._interval
                rooms |= self._told.keys()
            try:
                await self.check(rooms)
            except LogUnavailable as error:  # the next round looks at every room again
                logger.debug("rooms could not be compared with their logs: %s", error)
            except Exception:
                logger.exception("comparing rooms with their logs failed; going on")

    async def check(self, rooms: Iterable[str]) -> None:
        """Compare these rooms with their logs, and tell what comes next; a page at most of each."""
        asked = {room: self._told[room] for room in rooms if room in self._told}
        for room, head in (await self._log.heads(asked)).items():
            await self._level(room, asked[room], head)

    async def _level(self, room: str, asked: Head | None, head: Head) -> None:
        """`asked` is what had been told when the head was asked for: live entries may have come since."""
        self._begin(room, head)
        if asked is None or room not in self._told:
            return
        if head.epoch != asked.epoch or head.seq < asked.seq:
            if asked.seq == 0:  # nothing is lost: this is the room's first log
                self._told[room] = Head(head.epoch, 0)
            else:
                logger.warning("the log of room %s is another one: was %s, is %s", room, asked, head)
                self._told[room] = Head(head.epoch, max(0, head.seq - PAGE))
        told = self._told[room]
        if told is not None and told.seq < head.seq:
            self._lacking[room] = head.seq - told.seq
            await self._replay(room, told)
        else:
            self._lacking.pop(room, None)

    async def _replay(self, room: str, start: Head) -> None:
        page = await self._log.read(room, after=start.seq, limit=PAGE)
        missed = 0
        for entry in page.entries:
            if self._behind(entry.room, Head(entry.epoch, entry.seq)):
                self._tell(entry)
                missed += 1
        self.heals += missed > 0
        self.healed += missed
        if page.more or page.head.epoch != start.epoch:
            self.suspect(room)
        elif self._behind(room, page.head):  # the rest was trimmed: it will never come
            self._told[room] = page.head

    def _begin(self, room: str, head: Head) -> None:
        if self._told.get(room, head) is None:
            self._told[room] = head

    def _behind(self, room: str, head: Head) -> bool:
        told = self._told.get(room)
        return told is not None and told.epoch == head.epoch and told.seq < head.seq

    def _tell(self, entry: Entry) -> None:
        self._told[entry.room] = Head(entry.epoch, entry.seq)
        try:
            self._tell_members(entry)
        except Exception:
            logger.exception("entry %d of room %s could not be told", entry.seq, entry.room)
