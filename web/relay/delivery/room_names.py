"""The Socket.IO rooms behind relay's rooms and groups.

Each kind has its own prefix. It keeps them apart from the room that each sid has of its own: otherwise a room
could be named like somebody's sid, and its members would get what is sent to that client alone.
"""

NAMESPACE = "/"
"""The Socket.IO namespace that relay's rooms are in."""


def relayed(namespace: str, room: object) -> str | None:
    """Return the relay room behind a Socket.IO room; None if there is none (a sid's own room, or a group)."""
    prefix = channel("")
    if namespace == NAMESPACE and isinstance(room, str) and room.startswith(prefix):
        return room[len(prefix) :]
    return None


def group(name: str) -> str:
    """Return the Socket.IO room of a group: clients that are disconnected together."""
    return f"group:{name}"


def channel(room: str) -> str:
    """Return the Socket.IO room of a relay room."""
    return f"room:{room}"
