"""The buffers: how much memory a worker's sessions take together, for what their clients have not read yet,
have sent half, or wait to have handled. Above a bound the fullest are cut, so that nobody ends the worker for
everybody.

What many are to read lies in memory once, and is counted once for as long as one of them holds it. Cutting
takes a look at every session, and frees enough that the next look is far: an eighth of the bound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

PIECE = 300
"""Bytes that Python takes for a piece besides its text: for a frame, a batch and a list of one."""
HOLDING = 100
"""Bytes that one more session takes to hold a piece."""
PARSED = 20
"""What a packet takes while it is handled, as a multiple of its length: parsed, `[[],[],…` is 22 times as
large."""
RELIEF = 8
"""An eighth of the bound is freed at a time."""


class Piece:
    """Something that is written whole, to one session or to many."""

    __slots__ = ("data", "holders")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.holders = 0

    @property
    def share(self) -> float:
        """The bytes that each of its holders is charged with."""
        return HOLDING + (PIECE + len(self.data)) / self.holders


class Holder(Protocol):
    """A session."""

    @property
    def held(self) -> float:
        """Bytes that would be free without it."""

    def cut(self) -> None:
        """Give all of it back at once."""


class Buffers:
    def __init__(self, most: int, holders: Callable[[], Iterable[Holder]]) -> None:
        self.most = most
        self.bytes = 0
        self._holders = holders

    def hold(self, piece: Piece) -> None:
        piece.holders += 1
        self.bytes += HOLDING if piece.holders > 1 else HOLDING + PIECE + len(piece.data)

    def change(self, by: int) -> None:
        """Count what only one session has, more of it or less."""
        self.bytes += by
        if by > 0:
            self.relieve()

    def release(self, piece: Piece) -> None:
        piece.holders -= 1
        self.bytes -= HOLDING if piece.holders else HOLDING + PIECE + len(piece.data)

    def relieve(self) -> None:
        """Cut the fullest if there is too much."""
        if self.bytes <= self.most:
            return
        excess: float = self.bytes - (self.most - self.most // RELIEF)
        sized = [(held, holder) for holder in self._holders() if (held := holder.held)]
        for held, holder in sorted(sized, key=lambda one: -one[0]):
            if excess <= 0:
                return
            excess -= held
            holder.cut()
