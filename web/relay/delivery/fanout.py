"""The fan-out: what is told to a room is encoded once, and the same bytes go to each member on this worker.

A quiet room's frame goes out at once. The frames of a busy one are joined, so that each member's socket is
written to once for many of them: how long they are collected follows from how many writes there were of late,
`WRITE` seconds for each, and is `LONGEST` at most. So the work of writing has a bound, whatever is offered.

A member's frames keep the order in which they were told, also among what it is sent by itself (an answer, a
ping): the sender of that puts before it what `catch_up` returns, which the member so gets ahead of its room.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any, Protocol

from relay.delivery.frames import Batch, Frame
from relay.log.log import Entry
from relay.support.utf8_json import encode

EventOf = Callable[[Entry], bytes]
"""What the application makes of an entry: the event as JSON, an array of its name and its arguments. In
bytes, so that what was encoded once, for the log, need not be decoded and encoded again by each worker."""

NAMESPACE = "/"

WRITE = 80e-6
"""Seconds of pause that a write to a socket is worth: some eight times what it costs a worker."""
DOUBLE = 6
"""Frames in a write that double its pause: where they come faster than they go, more share a write."""
SPARE = 0.025
"""Seconds of such pauses that may be outstanding, so that a few messages in a row all go out at once."""
LONGEST = 0.05
"""Seconds that a frame waits at most for others to join it."""
TURN = 500
"""Members written to before everybody else has a turn; a few milliseconds."""


def relayed(namespace: str, room: object) -> str | None:
    """Return the relay room behind a Socket.IO room, None if there is none (a sid's own room, a group)."""
    prefix = channel("")
    if namespace == NAMESPACE and isinstance(room, str) and room.startswith(prefix):
        return room[len(prefix) :]
    return None


def group(name: str) -> str:
    """Return the Socket.IO room of clients that are ended together; see Relay.expel."""
    return f"group:{name}"


def channel(room: str) -> str:
    """Return the Socket.IO room of a relay room. The prefix keeps it apart from the room that each sid has of
    its own, so that nobody can name a room after a sid and read along."""
    return f"room:{room}"


class Member(Protocol):
    """What the fan-out needs of a session. `rooms`: where it is a member, and as which sid."""

    rooms: dict[Room, str]

    def put(self, batch: Batch) -> None: ...


class Fanout:
    """The rooms with members on this worker."""

    def __init__(self, event_of: EventOf) -> None:
        self._event_of = event_of
        self._rooms: dict[str, Room] = {}
        self._pace = Pace()

    @property
    def rooms(self) -> int:
        """How many rooms have members on this worker."""
        return len(self._rooms)

    @property
    def delivered(self) -> int:
        """How many frames were handed to members."""
        return self._pace.delivered

    def enter(self, room: str, sid: str, member: Member) -> None:
        self._rooms.setdefault(room, Room(self._pace)).enter(sid, member)

    def leave(self, room: str, sid: str) -> None:
        if room in self._rooms:
            self._rooms[room].leave(sid)
            if not self._rooms[room].members:
                del self._rooms[room]

    def tell(self, entry: Entry) -> None:
        """Send an entry on its way; does not wait."""
        if entry.room in self._rooms:
            self._rooms[entry.room].add(Frame.event(self._event_of(entry)))

    def notify(self, room: str, event: str, argument: Any) -> None:
        """Send an event of one argument, which is neither kept nor owed to those who read too slowly."""
        self.send(room, event, [argument], droppable=True)

    def send(
        self,
        room: str,
        event: str,
        arguments: Iterable[Any],
        *,
        droppable: bool = False,
        skip: Iterable[str] = (),
    ) -> None:
        """Send an event on its way; does not wait. Droppable: not to members who read too slowly."""
        if room in self._rooms:
            encoded = encode([event, *arguments])
            self._rooms[room].add(Frame.event(encoded, droppable=droppable, skip=frozenset(skip)))


class Pace:
    """How fast the worker writes, and how much; shared by its rooms."""

    def __init__(self) -> None:
        self.delivered = 0
        self._rests_until = 0.0

    def wrote(self, sockets: int, frames: int) -> None:
        pause = sockets * WRITE * (1 + frames / DOUBLE)
        self._rests_until = max(self._rests_until, monotonic()) + pause

    def pause(self, last: float) -> float:
        """Seconds until a room that was written to at `last` is again; none for a quiet one."""
        return min(self._rests_until - SPARE, last + LONGEST) - monotonic()


class Room:
    """Its members by their sids, and what is on its way to them."""

    def __init__(self, pace: Pace) -> None:
        self.members: dict[str, Member] = {}
        self._pace = pace
        self._due: list[Frame] = []
        self._ahead: dict[str, int] = {}  # who had how many of those due already
        self._batch = Batch([])  # what is being written …
        self._waiting: dict[str, Member] = {}  # … and to whom it has still to be
        self._wrote_at = 0.0
        self._scheduled = False

    def enter(self, sid: str, member: Member) -> None:
        self.members[sid] = member
        member.rooms[self] = sid

    def leave(self, sid: str) -> None:
        member = self.members.pop(sid, None)
        if member is not None:
            del member.rooms[self]
            self._waiting.pop(sid, None)
            self._ahead.pop(sid, None)

    def add(self, frame: Frame) -> None:
        """Have a frame written, after all that came before it."""
        self._due.append(frame)
        if not self._scheduled:
            self._schedule()

    def catch_up(self, sid: str) -> list[Frame]:
        """Return what is due to one member, which is written to it now because something else follows."""
        frames = []
        if self._waiting.pop(sid, None) is not None:
            frames = self._batch.frames
        if self._due:
            frames = [*frames, *self._take(sid, self._due)]
            self._ahead[sid] = len(self._due)
        return frames

    def _schedule(self) -> None:
        self._scheduled = True
        loop = asyncio.get_running_loop()
        pause = self._pace.pause(self._wrote_at)
        if pause <= 0:
            loop.call_soon(self._begin)
        else:
            loop.call_later(pause, self._begin)

    def _begin(self) -> None:
        self._pace.wrote(len(self.members), len(self._due))
        self._waiting = self.members.copy()
        frames = self._due
        try:
            for sid in self._ahead.keys() | {sid for frame in frames for sid in frame.skip}:
                member = self._waiting.pop(sid, None)
                if member is not None and (mine := self._take(sid, frames)):
                    member.put(Batch(mine))
        finally:
            self._batch, self._due, self._ahead = Batch(frames), [], {}
            self._pace.delivered += len(frames) * len(self._waiting)
            self._go_on()

    def _take(self, sid: str, frames: list[Frame]) -> list[Frame]:
        mine = [frame for frame in frames[self._ahead.get(sid, 0) :] if sid not in frame.skip]
        self._pace.delivered += len(mine)
        return mine

    def _go_on(self) -> None:
        batch, waiting = self._batch, self._waiting
        try:
            for _ in range(min(TURN, len(waiting))):
                waiting.popitem()[1].put(batch)
        finally:  # whatever may be wrong with one member, it is not the others'
            if waiting:
                asyncio.get_running_loop().call_soon(self._go_on)
            else:
                self._finish()

    def _finish(self) -> None:
        self._scheduled = False
        self._wrote_at = monotonic()
        if self._due:
            self._schedule()
