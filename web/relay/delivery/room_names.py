"""The Socket.IO rooms behind relay's rooms and groups.

Each kind has its own prefix. It keeps them apart from the room that each sid has of its own: otherwise a room
could be named like somebody's sid, and its members would get what is sent to that client alone.
"""

NAMESPACE = "/"
"""The Socket.IO namespace of clients that ask for none."""
_CHANNEL, _GROUP = "room:", "group:"


def relayed(room: object) -> str | None:
    """Return the relay room behind a Socket.IO room; None if there is none (a sid's own room, or a group)."""
    if isinstance(room, str) and room.startswith(_CHANNEL):
        return room[len(_CHANNEL) :]
    return None


def of_any_namespace(room: object) -> bool:
    """Return whether a Socket.IO room has its clients in whatever namespace they are: a relay room or a
    group."""
    return isinstance(room, str) and room.startswith((_CHANNEL, _GROUP))


def group(name: str) -> str:
    """Return the Socket.IO room of a group: clients that are disconnected together."""
    return f"{_GROUP}{name}"


def channel(room: str) -> str:
    """Return the Socket.IO room of a relay room."""
    return f"{_CHANNEL}{room}"
