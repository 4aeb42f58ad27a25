"""Buffers: how much memory a worker's sessions take together. It holds what their clients have not read, what
they have sent in part, and what is being handled. Above a bound the clients with the fullest buffers are
disconnected, so that no client can bring down the worker.

Bytes that go to many sessions are in memory once, and are counted once while any session holds them. To find
the fullest, every session is asked. So each time an eighth of the bound is freed, and the next time is far.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

PIECE = 300
"""Bytes that Python takes for a piece besides its text: a frame, a batch and a list of one."""
HOLDING = 100
"""Bytes that each further session takes to hold a piece."""
PARSED = 20
"""Memory that a packet takes while it is handled, as a multiple of its length. Parsed, `[[],[],…` is 22 times
as large."""
RELIEF = 8
"""One part in so many of the bound is freed at a time."""


class Piece:
    """Bytes that are written to one session or to many."""

    __slots__ = ("data", "holders")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.holders = 0

    @property
    def share(self) -> float:
        """Bytes of memory, divided among those that hold it."""
        return HOLDING + (PIECE + len(self.data)) / self.holders


class Holder(Protocol):
    """Something that takes memory for one client: a session, or the answer to a poll."""

    @property
    def held(self) -> float:
        """Bytes of memory that would be free without it."""

    def disconnect_slow_reader(self) -> None:
        """Disconnect the client, and free the memory at once."""


class Buffers:
    def __init__(self, most: int, holders: Callable[[], Iterable[Holder]]) -> None:
        """`most`: bytes. `holders()`: all that hold memory now."""
        self.most = most
        self.bytes = 0
        self._holders = holders

    def hold(self, piece: Piece) -> None:
        """Count a piece that one more session holds."""
        piece.holders += 1
        self.bytes += HOLDING if piece.holders > 1 else HOLDING + PIECE + len(piece.data)

    def change(self, by: int) -> None:
        """Count so many bytes more, or less, of what only one session has."""
        self.bytes += by
        if by > 0:
            self.relieve()

    def release(self, piece: Piece) -> None:
        """Count a piece that one session less holds."""
        piece.holders -= 1
        self.bytes -= HOLDING if piece.holders else HOLDING + PIECE + len(piece.data)

    def relieve(self) -> None:
        """Disconnect the clients with the fullest buffers if there is too much."""
        if self.bytes <= self.most:
            return
        excess: float = self.bytes - (self.most - self.most // RELIEF)
        sized = [(held, holder) for holder in self._holders() if (held := holder.held)]
        for held, holder in sorted(sized, key=lambda one: -one[0]):
            if excess <= 0:
                return
            excess -= held
            holder.disconnect_slow_reader()
