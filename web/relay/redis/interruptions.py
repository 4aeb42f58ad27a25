"""Interruptions: how often what workers tell each other over Redis, and nobody keeps, may have been lost."""

from collections.abc import Callable
from time import monotonic


class Interruptions:
    def __init__(self, silent_for: Callable[[], float]) -> None:
        """`silent_for()`: the seconds since the worker heard itself through Redis."""
        self._silent_for = silent_for
        self._listens = False
        self._unsent_at: float | None = None
        self._count = 0

    def subscribed(self, anybody: bool) -> None:
        """Called when what others tell begins to arrive. `anybody`: whether a client is here, who may have
        missed something before, also if it arrives for the first time."""
        if self._listens or anybody:
            self._count += 1
        self._listens, self._unsent_at = True, None

    def unsent(self) -> None:
        """Called when something could not be sent. It counts once the worker has heard itself again, for
        others could not be told any sooner."""
        self._unsent_at = monotonic()

    @property
    def count(self) -> int:
        """How often there was one that is over."""
        if self._unsent_at is not None and self._silent_for() < monotonic() - self._unsent_at:
            self._unsent_at = None
            self._count += 1
        return self._count
