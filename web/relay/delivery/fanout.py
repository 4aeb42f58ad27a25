"""The fan-out: an event for a room is encoded once, and every member on this worker gets the same bytes. If
members are in several namespaces, there is a frame for each namespace.

How a room's members are written to, and in which order, is in room_members.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from relay.delivery.binary import encode_event
from relay.delivery.frames import Frame
from relay.delivery.guard import Guard
from relay.delivery.room_members import Recipient, Room, Throttle
from relay.delivery.room_names import NAMESPACE
from relay.log.log import Entry

EventOf = Callable[[Entry], bytes | Sequence[Any] | None]
"""The application's function that turns an entry into the event for its members: the event's name and its
arguments, as the bytes of a JSON array or as a list; None if they are sent nothing. The array is for what was
encoded for the log, so that no worker decodes and encodes it again. The list may hold bytes, such as the
entry's data, up to 10 of them."""
NO_EVENT = (
    "event_of returns the event for an entry as a list, [name, argument, …], as the bytes of such a JSON "
    "array, or None to send nothing"
)


class Fanout:
    """The rooms with members on this worker, or that code of the application follows."""

    def __init__(self, event_of: EventOf, guard: Guard | None = None) -> None:
        """`guard`: says in which rooms volatile events are dropped just now; by default in none."""
        self.event_of = event_of
        self._guard = guard or Guard()
        self._rooms: dict[str, dict[str, Room]] = {}  # by name and namespace
        self._watching: dict[str, set[asyncio.Event]] = {}  # by name
        self._throttle = Throttle()

    @property
    def rooms(self) -> int:
        """How many rooms have members on this worker."""
        return len(self._rooms)

    @property
    def delivered(self) -> int:
        """How many frames were handed to members."""
        return self._throttle.delivered

    def __contains__(self, room: str) -> bool:
        return room in self._rooms or room in self._watching

    def watch(self, room: str) -> asyncio.Event:
        """Return an event that is set with each entry of a room, until `unwatch`."""
        came = asyncio.Event()
        self._watching.setdefault(room, set()).add(came)
        return came

    def unwatch(self, room: str, came: asyncio.Event) -> None:
        """Set the event no more."""
        self._watching[room].discard(came)
        if not self._watching[room]:
            del self._watching[room]

    def enter(self, room: str, sid: str, member: Recipient, namespace: str = NAMESPACE) -> None:
        """Deliver a room's frames to a member from now on, as events of its namespace."""
        parts = self._rooms.setdefault(room, {})
        if namespace not in parts:
            parts[namespace] = Room(self._throttle)
        parts[namespace].enter(sid, member)

    def leave(self, room: str, sid: str, namespace: str = NAMESPACE) -> None:
        """Deliver no more to a member, not even what is queued."""
        if (part := self._rooms.get(room, {}).get(namespace)) is not None:
            part.leave(sid)
            if not part.members:
                del self._rooms[room][namespace]
                if not self._rooms[room]:
                    del self._rooms[room]

    def deliver(self, entry: Entry) -> None:
        """Queue an entry for its room's members; does not wait. Raises TypeError for what `event_of` may not
        return, and as encode_event does."""
        for came in self._watching.get(entry.room, ()):
            came.set()
        if (parts := self._rooms.get(entry.room)) is not None:
            event = self.event_of(entry)
            if event is None:
                return
            if not isinstance(event, bytes | list | tuple):
                raise TypeError(f"{NO_EVENT}, not {type(event).__name__}.")
            encoded, attachments = encode_event(event)
            for namespace, part in parts.items():
                part.add(Frame.event(encoded, namespace, attachments))

    def notify(self, room: str, event: str, argument: Any) -> None:
        """Queue a volatile event of one argument; does not wait."""
        self.send(room, event, [argument], volatile=True)

    def send(
        self,
        room: str,
        event: str,
        arguments: Iterable[Any],
        *,
        volatile: bool = False,
        skip: Iterable[str] = (),
    ) -> None:
        """Queue an event for a room's members; does not wait. `arguments` may hold bytes. `volatile`: see
        Frame; in a room in doubt nobody gets it. `skip`: sids of members that do not get it. Raises as
        encode_event does."""
        if volatile and self._guard.doubts(room):
            return
        if (parts := self._rooms.get(room)) is not None:
            (encoded, attachments), skipped = encode_event([event, *arguments]), frozenset(skip)
            for namespace, part in parts.items():
                part.add(Frame.event(encoded, namespace, attachments, volatile=volatile, skip=skipped))
