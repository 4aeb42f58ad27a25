"""A room's members on this worker, and the frames queued for them.

A quiet room's frame is written at once. The frames of a busy room are joined, so that one write to each
socket carries many of them. For how long they are collected follows from how long the last writes took:
several times as long, and `MAX_DELAY` at most. So the work of writing has a bound, whatever is sent. The time
is measured, so that frames are joined where the CPU is short, and not where there is plenty.

A member's frames keep their order, also relative to packets that are for it alone, such as an answer or a
ping. Before such a packet the session writes the room's frames still queued for it: see `take_queued`.
"""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Protocol

from relay.delivery.frames import Batch, Frame

PAUSE_OVER_TCP, PAUSE_OVER_SOCKET = 4, 8
"""The pause after a write to a room, as a multiple of the time that the write took. It is for nginx, which is
what runs short of CPU first: it serves all workers, and for each write of theirs it reads and writes once.
Over a Unix socket a write takes half as long, and nginx as long as ever."""
DOUBLING = 20
"""Frames in one write that double its pause. So the faster frames come, the more of them share a write."""
BURST = 0.025
"""Seconds of such pauses that may be outstanding without effect: a few messages in a row all go out at
once."""
MAX_DELAY = 0.1
"""Seconds that a frame waits at most for others to join it."""
YIELD_EVERY = 500
"""Members written to before other tasks get a turn; that takes a few milliseconds."""


class Recipient(Protocol):
    """What a room needs of a session. `rooms`: the rooms it is a member of, and its sid in each.
    `pause_factor`: for how long a room pauses after a write to it, in times as long as the write took."""

    rooms: dict[Room, str]

    @property
    def pause_factor(self) -> int: ...

    def put(self, batch: Batch) -> None:
        """Write a batch, or queue it; does not wait."""


class Throttle:
    """How fast this worker writes, and how much it wrote. All its rooms share one."""

    def __init__(self) -> None:
        self.delivered = 0
        """Frames handed to members."""
        self._paused_until = 0.0

    def wrote(self, began: float, frames: int, factor: float) -> None:
        """Count a write of so many frames to each of some members, which has just ended. `factor`: the
        members' `pause_factor`."""
        now = monotonic()
        pause = (now - began) * factor * (1 + frames / DOUBLING)
        # What goes beyond that would change nothing now, and still be there when the rush is over.
        self._paused_until = min(max(self._paused_until, now) + pause, now + BURST + MAX_DELAY)

    def pause(self, last: float) -> float:
        """Return the seconds until a room may be written to again, 0 or less if it may at once. `last`: when
        it was written to last."""
        return min(self._paused_until - BURST, last + MAX_DELAY) - monotonic()


class Room:
    """Its members by their sids, and the frames queued for them."""

    def __init__(self, throttle: Throttle) -> None:
        self.members: dict[str, Recipient] = {}
        self._throttle = throttle
        self._queued: list[Frame] = []
        self._taken: dict[str, int] = {}  # members that have some of the queued frames already: how many
        self._batch = Batch([])  # what is being written
        self._waiting: dict[str, Recipient] = {}  # members that it has still to be written to
        self._wrote_at = 0.0
        self._scheduled = False

    def enter(self, sid: str, member: Recipient) -> None:
        """Add a member; it gets what is added from now on, and what is still queued."""
        self.members[sid] = member
        member.rooms[self] = sid

    def leave(self, sid: str) -> None:
        """Remove a member; it gets nothing more."""
        member = self.members.pop(sid, None)
        if member is not None:
            del member.rooms[self]
            self._waiting.pop(sid, None)
            self._taken.pop(sid, None)

    def add(self, frame: Frame) -> None:
        """Queue a frame behind all that were added before it."""
        self._queued.append(frame)
        if not self._scheduled:
            self._schedule()

    def take_queued(self, sid: str) -> list[Frame]:
        """Return the frames queued for one member, which writes them itself: something else follows them. The
        room does not write them to it again."""
        frames = []
        if self._waiting.pop(sid, None) is not None:
            frames = self._batch.frames
        if self._queued:
            frames = [*frames, *self._take(sid, self._queued)]
            self._taken[sid] = len(self._queued)
        return frames

    def _schedule(self) -> None:
        self._scheduled = True
        loop = asyncio.get_running_loop()
        pause = self._throttle.pause(self._wrote_at)
        if pause <= 0:
            loop.call_soon(self._begin)
        else:
            loop.call_later(pause, self._begin)

    def _begin(self) -> None:
        frames, self._waiting = self._queued, self.members.copy()
        try:
            if self._taken or any(frame.skip for frame in frames):
                self._write_to_some(frames)
        finally:
            self._batch, self._queued, self._taken = Batch(frames), [], {}
            self._throttle.delivered += len(frames) * len(self._waiting)
            self._write()

    def _write_to_some(self, frames: list[Frame]) -> None:
        """Write to the members that do not get all of the frames."""
        for sid in self._taken.keys() | {sid for frame in frames for sid in frame.skip}:
            member = self._waiting.pop(sid, None)
            if member is not None and (mine := self._take(sid, frames)):
                member.put(Batch(mine))

    def _take(self, sid: str, frames: list[Frame]) -> list[Frame]:
        mine = [frame for frame in frames[self._taken.get(sid, 0) :] if sid not in frame.skip]
        self._throttle.delivered += len(mine)
        return mine

    def _write(self) -> None:
        batch, waiting, began, factor = self._batch, self._waiting, monotonic(), 0
        try:
            for _ in range(min(YIELD_EVERY, len(waiting))):
                _, member = waiting.popitem()
                factor = member.pause_factor
                member.put(batch)
        finally:  # one member's error must not keep the batch from the others
            self._throttle.wrote(began, len(batch.frames), factor)
            if waiting:
                asyncio.get_running_loop().call_soon(self._write)
            else:
                self._finish()

    def _finish(self) -> None:
        self._scheduled = False
        self._wrote_at = monotonic()
        if self._queued:
            self._schedule()
