"""Orders: what one process tells all workers to do at once, on the control channel. An order begins with a
byte that says its kind, and the id of who sent it; python-socketio's own messages there are JSON objects."""

from __future__ import annotations

import json
from typing import NamedTuple

from relay.support.utf8_json import encode

DISCONNECT_GROUP = b"^"
"""First byte of the order to disconnect a group."""
REMOVE = b"~"
"""First byte of a Removal."""


class Removal(NamedTuple):
    """The order to end the membership of clients, and of all clients of groups, in a room."""

    room: str
    sids: list[str]
    groups: list[str]

    def order(self, sender: str) -> bytes:
        """Return the message. `sender`: an id of 32 characters, whose own worker ignores it."""
        return REMOVE + sender.encode() + encode(self)

    @classmethod
    def read(cls, rest: bytes) -> Removal:
        """Return what follows the sender's id in a message."""
        return cls(*json.loads(rest))
