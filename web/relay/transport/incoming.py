"""What a session's client has sent and is not done with: packets that are being handled, and a binary packet
whose attachments are still to come. It is counted in the worker's memory."""

from collections.abc import Iterator
from contextlib import contextmanager

from relay.delivery.buffers import PARSED, Buffers
from relay.transport.attachments import BinaryPacket


class Incoming:
    __slots__ = ("_buffers", "bytes", "half", "handlers")

    def __init__(self, buffers: Buffers) -> None:
        self._buffers = buffers
        self.bytes = 0  # of memory
        self.handlers = 0  # events whose handler runs
        self.half: BinaryPacket | None = None
        """The binary packet whose attachments are still to come."""

    def begin(self, length: int) -> int:
        """Count a text of so many bytes, which is parsed and lives until its handler returns. Returns the
        bytes of memory, for `end`."""
        size = length * PARSED
        self.bytes += size
        self._buffers.change(size)
        return size

    def end(self, size: int) -> None:
        """Count so many bytes less."""
        size = min(size, self.bytes)  # 0 if it was forgotten meanwhile
        self.bytes -= size
        self._buffers.change(-size)

    @contextmanager
    def assembling(self, message: str | bytes, limit: int) -> Iterator[BinaryPacket | None]:
        """Take the text of a binary packet, or its next attachment. Yields the packet when it is complete,
        else None. It is counted until then, and while it is in use. `limit`: bytes that it may have in all.
        Raises BadInput."""
        packet, before = self.half, 0
        if packet is None:
            packet = self.half = BinaryPacket(message, limit)
        else:
            before = packet.size
            packet.add(message)
        self.bytes += packet.size - before
        self._buffers.change(packet.size - before)
        if not packet.complete or self.half is None:  # the session may have been closed, to free memory
            yield None
            return
        self.half = None
        size = self.begin(len(packet.text)) + packet.size
        try:
            yield packet
        finally:
            self.end(size)

    def forget(self) -> None:
        """Count nothing any more: the session has ended."""
        self.half = None
        self._buffers.change(-self.bytes)
        self.bytes = 0
