"""The limits: how often a client may do something."""

from time import monotonic


class Allowance:
    """So many at once, and then so many a second."""

    def __init__(self, at_once: float, per_second: float) -> None:
        self._at_once = at_once
        self._per_second = per_second
        self._left = at_once
        self._at = monotonic()

    def take(self) -> bool:
        """Use one; False if there is none."""
        now = monotonic()
        self._left = min(self._at_once, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
