"""The fan-out: an entry to every member of its room on this worker, in the order entries come in.

Goes the way of python-socketio's own emit. That keeps the order: tasks start in the order they were made, an
emit makes its recipients' tasks in its first step, and each of those puts into its recipient's queue in its
first step.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import socketio

from relay.log import Entry

EventOf = Callable[[Entry], tuple[str, tuple[Any, ...]]]
"""What the application makes of an entry: the event's name and arguments."""

NAMESPACE = "/"


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


class Fanout:
    def __init__(self, manager: socketio.AsyncManager, event_of: EventOf) -> None:
        self._manager = manager
        self._event_of = event_of
        self._emits: set[asyncio.Task[None]] = set()  # asyncio itself holds tasks weakly

    def tell(self, entry: Entry) -> None:
        """Send an entry on its way; does not wait."""
        event, arguments = self._event_of(entry)
        self.emit(entry.room, event, arguments)

    def emit(self, room: str, event: str, arguments: Any) -> None:
        """Send an event to a room's members on this worker; does not wait."""
        local = socketio.AsyncManager.emit(
            self._manager, event, arguments, namespace=NAMESPACE, room=channel(room)
        )
        task = asyncio.create_task(local)
        self._emits.add(task)
        task.add_done_callback(self._emits.discard)
