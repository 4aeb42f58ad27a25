"""A follower delivers each room's entries to the members on this worker, and closes gaps by reading the log.
Knows neither Redis nor Socket.IO.

For each followed room it keeps its baseline: the last entry that was delivered. A live entry that comes next
is delivered at once. One that was delivered before is ignored. Anything else, a gap or another epoch, makes
the room dirty, and the room catches up by reading its log from the baseline. Besides, every room is
reconciled with its log's head every `interval` seconds, which finds a broadcast that was lost. Delivering is
one synchronous step, and within an epoch it only moves forward: whatever order live entries, reads and checks
come in, no entry is delivered twice or out of order.

The first baseline is the log's head when the room is first followed. A client that joins calls `set_baseline`
first and reads the log after that. What it reads reaches at least to the baseline, and everything beyond is
delivered. The two may overlap; the client ignores what it has by `seq`.

When the log was lost or restored, delivering goes on with its newest page. The new epoch of these entries
makes the members start over.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress

from relay.log.log import Entry, Head, Log, LogUnavailable

logger = logging.getLogger(__name__)

PAGE = 100
"""Entries read at a time. So many dirty rooms take turns, and live entries get in between."""


class Follower:
    def __init__(self, log: Log, deliver: Callable[[Entry], None], interval: float) -> None:
        """`deliver` hands one entry to its room's members on this worker; it may not wait. `interval`:
        seconds between two checks of all rooms."""
        self._log = log
        self._deliver_to_members = deliver
        self._interval = interval
        self._baselines: dict[str, Head | None] = {}  # None: not known yet
        self._dirty: set[str] = set()
        self._wake = asyncio.Event()
        self._missing: dict[str, int] = {}
        self.catch_ups = self.caught_up = 0
        """How often a room caught up by reading its log, and how many entries were delivered that way."""

    @property
    def behind(self) -> int:
        """How many entries the rooms lacked when they were last compared with their logs."""
        return sum(self._missing.values())

    def follow(self, room: str) -> None:
        """Deliver a room's entries from now on; `unfollow` ends it."""
        self._baselines.setdefault(room, None)

    def unfollow(self, room: str) -> None:
        """Deliver no more entries of a room."""
        self._baselines.pop(room, None)
        self._missing.pop(room, None)

    async def set_baseline(self, room: str) -> None:
        """Return once the room has a baseline. Raises LogUnavailable if its log can't be read."""
        if room in self._baselines and self._baselines[room] is None:
            self._begin(room, await self._log.head(room))

    def receive(self, entry: Entry) -> None:
        """Take a live entry."""
        if entry.room not in self._baselines:
            return
        self._begin(entry.room, Head(entry.epoch, entry.seq - 1))
        baseline = self._baselines[entry.room]
        assert baseline is not None
        if entry.epoch != baseline.epoch or entry.seq > baseline.seq + 1:
            self.mark_dirty(entry.room)
        elif entry.seq == baseline.seq + 1:
            self._deliver(entry)

    def mark_dirty(self, room: str) -> None:
        """Compare a room with its log soon, because entries may have been missed."""
        self._dirty.add(room)
        self._wake.set()

    async def run(self) -> None:
        """Check dirty rooms at once and all rooms every `interval` seconds, until cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time() + self._interval
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._wake.wait()
            self._wake.clear()
            rooms, self._dirty = self._dirty, set()
            if loop.time() >= due:
                due = loop.time() + self._interval
                rooms |= self._baselines.keys()
            try:
                await self.check(rooms)
            except LogUnavailable as error:  # the next check of all rooms includes them
                logger.debug("rooms could not be compared with their logs: %s", error)
            except Exception:
                logger.exception("comparing rooms with their logs failed; going on")

    async def check(self, rooms: Iterable[str]) -> None:
        """Compare these rooms with their logs, and deliver what is missing: a page at most of each."""
        asked = {room: self._baselines[room] for room in rooms if room in self._baselines}
        for room, head in (await self._log.heads(asked)).items():
            await self._reconcile(room, asked[room], head)

    async def _reconcile(self, room: str, asked: Head | None, head: Head) -> None:
        """`asked`: the baseline when the head was asked for; live entries may have come since."""
        self._begin(room, head)
        if asked is None or room not in self._baselines:
            return
        if head.epoch != asked.epoch or head.seq < asked.seq:
            if asked.seq == 0:  # nothing is lost: this is the room's first log
                self._baselines[room] = Head(head.epoch, 0)
            else:
                logger.warning("the log of room %s is another one: was %s, is %s", room, asked, head)
                self._baselines[room] = Head(head.epoch, max(0, head.seq - PAGE))
        baseline = self._baselines[room]
        if baseline is not None and baseline.seq < head.seq:
            self._missing[room] = head.seq - baseline.seq
            await self._catch_up(room, baseline)
        else:
            self._missing.pop(room, None)

    async def _catch_up(self, room: str, start: Head) -> None:
        page = await self._log.read(room, after=start.seq, limit=PAGE)
        delivered = 0
        for entry in page.entries:
            if self._behind(entry.room, Head(entry.epoch, entry.seq)):
                self._deliver(entry)
                delivered += 1
        self.catch_ups += delivered > 0
        self.caught_up += delivered
        if page.more or page.head.epoch != start.epoch:
            self.mark_dirty(room)
        elif self._behind(room, page.head):  # the rest was trimmed: it will never come
            self._baselines[room] = page.head

    def _begin(self, room: str, head: Head) -> None:
        if self._baselines.get(room, head) is None:
            self._baselines[room] = head

    def _behind(self, room: str, head: Head) -> bool:
        baseline = self._baselines.get(room)
        return baseline is not None and baseline.epoch == head.epoch and baseline.seq < head.seq

    def _deliver(self, entry: Entry) -> None:
        self._baselines[entry.room] = Head(entry.epoch, entry.seq)
        try:
            self._deliver_to_members(entry)
        except Exception:
            logger.exception("entry %d of room %s could not be delivered", entry.seq, entry.room)
