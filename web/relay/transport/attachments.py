"""A binary packet on its way in: a text that says how many attachments follow, and these, one message each.

Protocol: https://socket.io/docs/v4/socket-io-protocol/
"""

import re
from time import monotonic

from relay.delivery.binary import MAX_ATTACHMENTS
from relay.transport.packets import BadInput

BEGINNING = re.compile(r"([56])([1-9][0-9]?)-")
"""Type of a binary packet, and how many attachments it has."""
TEXT_TYPES = {"5": "2", "6": "3"}
"""Types of binary packets: an event's and an ack's. Behind each is the type of the same packet without
attachments."""
PART = 100
"""Bytes of memory that each part takes besides its own."""


class BinaryPacket:
    """`text`: the packet as it would be without attachments. `attachments`: those that have come. `began_at`:
    seconds, of the monotonic clock. `size`: bytes of memory."""

    __slots__ = ("_announced", "_left", "attachments", "began_at", "text")

    def __init__(self, message: str | bytes, limit: int) -> None:
        """`message`: what came first. `limit`: bytes that the packet may have in all. Raises BadInput."""
        if isinstance(message, bytes):
            raise BadInput("an attachment of no packet")
        beginning = BEGINNING.match(message)
        if beginning is None or int(beginning[2]) > MAX_ATTACHMENTS:
            raise BadInput(f"a binary packet announces 1 to {MAX_ATTACHMENTS} attachments")
        self.text = TEXT_TYPES[beginning[1]] + message[beginning.end() :]
        self.attachments: list[bytes] = []
        self.began_at = monotonic()
        self._announced = int(beginning[2])
        self._left = limit - len(self.text.encode())

    def add(self, message: str | bytes) -> None:
        """Add the next attachment. Raises BadInput if it is none, or if the packet is too large."""
        if isinstance(message, str):
            raise BadInput("a packet amid the attachments of another")
        self._left -= len(message)
        if self._left < 0:
            raise BadInput("the packet is too large with its attachments")
        self.attachments.append(message)

    @property
    def complete(self) -> bool:
        return len(self.attachments) == self._announced

    @property
    def size(self) -> int:
        return len(self.text) + sum(map(len, self.attachments)) + PART * (1 + len(self.attachments))
