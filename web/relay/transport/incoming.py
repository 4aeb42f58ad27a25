"""Incoming packets of one session that are being handled: how many there are, and the memory they take."""

from collections.abc import Iterator
from contextlib import contextmanager

from relay.delivery.buffers import PARSED, Buffers


class Incoming:
    __slots__ = ("_buffers", "bytes", "handlers")

    def __init__(self, buffers: Buffers) -> None:
        self._buffers = buffers
        self.bytes = 0  # of memory
        self.handlers = 0  # events whose handler runs

    @contextmanager
    def parsing(self, length: int) -> Iterator[None]:
        """Count a text of so many bytes, which is parsed and lives until its handler returns."""
        size = length * PARSED
        self.bytes += size
        self._buffers.change(size)
        try:
            yield
        finally:
            size = min(size, self.bytes)  # 0 if it was forgotten meanwhile
            self.bytes -= size
            self._buffers.change(-size)

    def forget(self) -> None:
        """Count nothing any more: the session has ended."""
        self._buffers.change(-self.bytes)
        self.bytes = 0
