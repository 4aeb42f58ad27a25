"""Exponential backoff with jitter."""

import random
from collections.abc import Callable


class Backoff:
    """Each wait is twice as long as the one before, up to a maximum, and half of it is random. Otherwise a
    thousand clients that lost the same server would all come back in the same moment."""

    def __init__(self, first: float, most: float, draw: Callable[[], float] = random.random) -> None:
        """`first` and `most` in seconds; `draw` returns 0 to 1."""
        self._first = first
        self._most = most
        self._draw = draw
        self._tries = 0

    def next(self, least: float = 0.0) -> float:
        """Return the seconds to wait, at least `least`: what the server asked for, if it did."""
        ceiling = min(self._most, self._first * 2.0**self._tries)
        self._tries = min(self._tries + 1, 30)
        return max(least, ceiling / 2 + ceiling / 2 * self._draw())

    def reset(self) -> None:
        self._tries = 0
