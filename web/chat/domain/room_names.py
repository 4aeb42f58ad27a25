"""What a room may be called. Why no room can be named like a session id: relay/delivery/room_names.py."""

import re
from typing import Any

from chat.domain.refusals import Refused

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
LOBBY = "lobby"
"""The room in which everybody is."""
GUARDED = re.compile(r"[pd]-[a-z2-7]{26}")
"""Addresses of private and of direct rooms. The server makes them, of 128 random bits."""


def check_room(room: Any) -> str:
    """Return the room's name. Raises Refused."""
    if not isinstance(room, str):
        raise Refused("invalid", "A room is named by a text.")
    if not NAME.fullmatch(room):
        raise Refused("no_such_room", "A room's name has only a–z, 0–9 and hyphens, at most 32.")
    return room


def is_guarded(room: str) -> bool:
    """Return whether only members may learn of the room with this address, if there is one."""
    return GUARDED.fullmatch(room) is not None
