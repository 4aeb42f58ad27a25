"""Orders: what one process tells all workers to do at once, on the control channel. An order begins with a
byte that says its kind, and the id of who sent it, 32 characters, whose own worker ignores it.
python-socketio's own messages there are JSON objects."""

from __future__ import annotations

import json
from typing import Any

from relay.delivery.members import Removal
from relay.redis.commands import Command
from relay.redis.names import Names
from relay.support.utf8_json import encode

DISCONNECT_GROUP = b"^"
"""First byte of the order to disconnect a group."""
REMOVE = b"="
"""First byte of the order to end memberships."""
ADMIN = b"@"
"""First byte of what an admin asked for; see admin/ui.py."""


def disconnect_group(sender: str, name: str) -> bytes:
    """Return the order to disconnect a group's clients."""
    return DISCONNECT_GROUP + sender.encode() + name.encode()


def remove(sender: str, removal: Removal) -> bytes:
    """Return the order to end memberships."""
    return REMOVE + sender.encode() + encode(removal)


def told_of_removal(names: Names, room: str, order: bytes) -> tuple[Command, Command]:
    """Return the commands that tell all workers to end memberships of a room. On the room's own channel the
    order comes before what is appended later. A worker that is just subscribing to it gets it on the control
    channel."""
    return ("SPUBLISH", names.of(room).live, order), ("PUBLISH", names.control, order)


def removal(rest: bytes) -> Removal:
    """Return what is ordered, from what follows the sender's id."""
    return Removal(*json.loads(rest))


def admin(sender: str, asked: list[Any]) -> bytes:
    """Return what an admin asked for, as an order."""
    return ADMIN + sender.encode() + encode(asked)


def asked(rest: bytes) -> list[Any]:
    """Return what an admin asked for, from what follows the sender's id."""
    found: list[Any] = json.loads(rest)
    return found
