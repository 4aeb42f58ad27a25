"""A follower delivers each room's entries to the members on this worker, and closes gaps by reading the log.
Knows neither Redis nor Socket.IO.

For each followed room it keeps its baseline: the last entry that was delivered. A live entry that comes next
is delivered at once. One that was delivered before is ignored. Anything else, a gap or another epoch, makes
the room dirty, and the room catches up by reading its log from the baseline. Delivering is one synchronous
step, and within an epoch it only moves forward: whatever order live entries, reads and checks come in, no
entry is delivered twice or out of order.

Besides, the rooms that changed are compared with their logs' heads every `interval` seconds, which finds a
broadcast that was lost. A busy worker has not read yet what came last, and that looks as if it was lost. So
whatever was published before is received first, and only a room that lacks something then is dirty.

The first baseline is the log's head when the room is first followed. A client that joins calls `set_baseline`
first and reads the log after that. What it reads reaches at least to the baseline, and everything beyond is
delivered. The two may overlap; the client ignores what it has by `seq`.

A guarded room (see guard.py) that is dirty is in doubt as well: what comes live then is left to the catch-up,
and what was read is delivered once the members here have been asked about.

When the log was lost or restored, delivering goes on with its newest page. The new epoch of these entries
makes the members start over.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Set
from contextlib import suppress
from typing import Protocol

from relay.delivery.guard import Guard
from relay.log.log import Entry, Head, Log, LogUnavailable
from relay.support.apart import apart

logger = logging.getLogger(__name__)

PAGE = 100
"""Entries read at a time. So many dirty rooms take turns, and live entries get in between."""
AT_ONCE = 10
"""Rooms that are read at once. After an outage a thousand may lack entries, and each waits for an answer."""
NO_LOG = Head("", 0)
"""The baseline of a room in which nothing was written yet. One whose log is gone has another object as its
baseline, which is equal: it may still receive entries of that log."""


class Changes(Protocol):
    """Which rooms changed."""

    def watch(self, room: str) -> None:
        """Tell of a room's changes from now on; `unwatch` ends it."""

    def unwatch(self, room: str) -> None:
        """Tell of a room's changes no more."""

    def by_shard(self, rooms: Iterable[str]) -> list[list[str]]:
        """Return rooms in groups that are asked about apart: one that can't be reached hides nothing of
        others. Rooms that nobody has now are left out."""

    async def ask(self) -> set[str]:
        """Return the rooms that are watched and may have changed since the last call that did not fail.
        Raises LogUnavailable."""


class Follower:
    def __init__(
        self,
        log: Log,
        changes: Changes,
        deliver: Callable[[Entry], None],
        receive_all: Callable[[], Awaitable[None]],
        interval: float,
        guard: Guard | None = None,
    ) -> None:
        """`deliver` hands one entry to its room's members on this worker; it may not wait. `receive_all()`
        returns once every live entry that was published before has been given to `receive`; it raises
        TimeoutError if that takes too long. `interval`: seconds between two comparisons. `guard`: that of the
        guarded rooms; by default there are none."""
        self._log = log
        self._changes = changes
        self._deliver_to_members = deliver
        self._receive_all = receive_all
        self._interval = interval
        self._guard = guard or Guard()
        self._baselines: dict[str, Head | None] = {}  # None: not known yet
        self._dirty: set[str] = set()
        self._unsure: set[str] = set()  # rooms that the next comparison is about, whether or not they change
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
        if room not in self._baselines:
            self._baselines[room] = None
            self._unsure.add(room)
            self._changes.watch(room)

    def unfollow(self, room: str) -> None:
        """Deliver no more entries of a room."""
        self._baselines.pop(room, None)
        self._missing.pop(room, None)
        self._guard.forget(room)
        self._changes.unwatch(room)

    async def set_baseline(self, room: str) -> None:
        """Return once the room has a baseline. Raises LogUnavailable if its log can't be read."""
        if room in self._baselines and self._baselines[room] is None:
            self._begin(room, await self._log.head(room))

    def lacks(self, room: str, seq: int) -> bool:
        """Return whether the room is followed and its entry of this number was not delivered yet."""
        baseline = self._baselines.get(room)
        return baseline is not None and baseline.seq < seq

    def receive(self, entry: Entry) -> None:
        """Take a live entry."""
        try:
            baseline = self._baselines[entry.room]
        except KeyError:  # nobody is here any more
            return
        if baseline is None:
            baseline = self._baselines[entry.room] = Head(entry.epoch, entry.seq - 1)
        elif baseline is NO_LOG and entry.seq == 1:
            # Nothing can be missing before it. A thousand rooms that begin at once would be read one by one.
            baseline = Head(entry.epoch, 0)
        if self._guard.doubts(entry.room):
            self._check_soon(entry.room)
        elif entry.epoch != baseline.epoch or entry.seq > baseline.seq + 1:
            self.mark_dirty(entry.room)
        elif entry.seq == baseline.seq + 1:
            self._deliver(entry)

    def mark_dirty(self, room: str) -> None:
        """Compare a room with its log soon, because entries may have been missed, or orders."""
        self._guard.doubt(room)
        self._check_soon(room)

    def _check_soon(self, room: str) -> None:
        self._dirty.add(room)
        self._wake.set()

    async def run(self) -> None:
        """Check dirty rooms at once, and compare what changed every `interval` seconds, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_checking())
            tasks.create_task(self._keep_comparing())

    async def _keep_checking(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            rooms, self._dirty = self._dirty, set()
            await self._attempt(self._by_shard(rooms, self.check))

    async def _keep_comparing(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            await self._attempt(self.compare())

    async def _attempt(self, asking: Awaitable[None]) -> None:
        try:
            await asking
        except LogUnavailable as error:
            logger.debug("rooms could not be compared with their logs: %s", error)
        except Exception:
            logger.exception("comparing rooms with their logs failed; going on")

    async def compare(self) -> None:
        """Compare with their logs the rooms that changed. Those that lack an entry, and not only because its
        broadcast has not been read yet, are dirty then."""
        rooms = await self._changes.ask() | self._missing.keys() | self._unsure
        self._unsure = set()
        await self._by_shard(rooms, self._compare)

    async def _by_shard(self, rooms: Set[str], ask: Callable[[list[str]], Awaitable[None]]) -> None:
        """Ask about the rooms of each shard. Where that fails, the next comparison is about them. Raises the
        first error."""
        followed = rooms & self._baselines.keys()
        groups = self._changes.by_shard(followed)
        self._unsure |= followed.difference(*groups)
        failed = await apart(groups, ask)
        self._unsure |= failed.rooms
        if failed.error is not None:
            raise failed.error

    async def _compare(self, rooms: list[str]) -> None:
        asked = {room: self._baselines[room] for room in rooms if room in self._baselines}
        heads = await self._log.heads(asked)
        for room, head in heads.items():
            self._begin(room, head)
        lacking = [room for room, head in heads.items() if self._differs(room, asked[room], head)]
        if lacking:
            # If nothing comes any more, it is lost, or will be once the connection is replaced.
            with suppress(TimeoutError):
                await self._receive_all()
            lacking = [room for room in lacking if self._differs(room, asked[room], heads[room])]
        for room in (self._missing.keys() & asked) - set(lacking):
            del self._missing[room]
        for room in lacking:
            self.mark_dirty(room)
        for room in asked:
            if self._guard.doubts(room):  # they could not be asked about
                self._check_soon(room)

    def _differs(self, room: str, asked: Head | None, head: Head) -> bool:
        """`asked`: the baseline when the head was asked for."""
        baseline = self._baselines.get(room)
        if asked is None or baseline is None:
            return False
        return head.epoch != baseline.epoch or head.seq > baseline.seq or head.seq < asked.seq

    async def check(self, rooms: Iterable[str]) -> None:
        """Compare these rooms with their logs, and deliver what is missing: a page at most of each."""
        asked = {room: self._baselines[room] for room in rooms if room in self._baselines}
        heads = list((await self._log.heads(asked)).items())
        for first in range(0, len(heads), AT_ONCE):
            some = heads[first : first + AT_ONCE]
            await asyncio.gather(*(self._reconcile(room, asked[room], head) for room, head in some))

    async def _reconcile(self, room: str, asked: Head | None, head: Head) -> None:
        """`asked`: the baseline when the head was asked for; live entries may have come since."""
        self._begin(room, head)
        baseline = self._baselines.get(room)
        if asked is None or baseline is None:
            await self._verified(room)
            return
        # Else something else has led it to the new log since.
        same = baseline.epoch == asked.epoch and baseline.seq >= asked.seq
        if same and (head.epoch != asked.epoch or head.seq < asked.seq):
            if asked.seq == 0:  # nothing is lost: this is the room's first log
                baseline = Head(head.epoch, 0)
            else:
                logger.warning("the log of room %s is another one: was %s, is %s", room, asked, head)
                baseline = Head(head.epoch, max(0, head.seq - PAGE))
            self._baselines[room] = baseline
        if baseline.seq < head.seq:
            self._missing[room] = head.seq - baseline.seq
            await self._catch_up(room, baseline)
        else:
            self._missing.pop(room, None)
            await self._verified(room)

    async def _catch_up(self, room: str, start: Head) -> None:
        page = await self._log.read(room, after=start.seq, limit=PAGE)
        if not await self._verified(room):
            return
        delivered = 0
        for entry in page.entries:
            if self._behind(entry.room, Head(entry.epoch, entry.seq)):
                self._deliver(entry)
                delivered += 1
        self.catch_ups += delivered > 0
        self.caught_up += delivered
        if page.more or page.head.epoch != start.epoch:
            self._check_soon(room)
        elif self._behind(room, page.head):  # the rest was trimmed: it will never come
            self._baselines[room] = page.head

    async def _verified(self, room: str) -> bool:
        """Return whether every member here has the right to be in the room. If that can't be known, the room
        stays as it is and the next comparison is about it; other rooms do not wait for that."""
        try:
            await self._guard.verify(room)
        except LogUnavailable as error:
            logger.debug("who may stay in room %s can't be known: %s", room, error)
        except Exception:
            logger.exception("asking who may stay in room %s failed; going on", room)
        else:
            return True
        self._unsure.add(room)
        return False

    def _begin(self, room: str, head: Head) -> None:
        if self._baselines.get(room, head) is None:
            self._baselines[room] = NO_LOG if head == NO_LOG else head

    def _behind(self, room: str, head: Head) -> bool:
        baseline = self._baselines.get(room)
        return baseline is not None and baseline.epoch == head.epoch and baseline.seq < head.seq

    def _deliver(self, entry: Entry) -> None:
        self._baselines[entry.room] = Head(entry.epoch, entry.seq)
        try:
            self._deliver_to_members(entry)
        except Exception:
            logger.exception("entry %d of room %s could not be delivered", entry.seq, entry.room)
