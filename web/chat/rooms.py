"""The rooms: their names, and which of them there are."""

import re

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")

LOBBY = "lobby"


def exists(room: str) -> bool:
    """There is one room, the one that everybody is in."""
    return room == LOBBY


def channel(room: str) -> str:
    """Return the Socket.IO room of a chat room. The prefix keeps it apart from the room that each sid has of
    its own, so that nobody can name a room after a sid and read along."""
    return f"room:{room}"
