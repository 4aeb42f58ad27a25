"""The arrivals: sessions that are in no namespace, each for a short while and not too many at once, so that
opening sessions and leaving them harms nobody else."""

from collections import OrderedDict
from collections.abc import Iterator

WITHIN = 45.0
"""Seconds for which a session may be in no namespace: what an `auth` function that asks a person takes."""
CROWDED = 10.0
"""Seconds when more than half of those that there may be are here."""
AT_LEAST = 2.0
"""Seconds that each has, however many others come."""


class Full(Exception):
    """There are too many, and none of them has had its time."""


class Arrivals:
    """By session id, the oldest first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._since: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._since)

    def add(self, sid: str, now: float) -> None:
        """Begin its time, if it has not begun: being refused does not renew it."""
        self._since.setdefault(sid, now)

    def remove(self, sid: str) -> None:
        self._since.pop(sid, None)

    def displaced(self, now: float) -> str | None:
        """Remove and return who has to make room for another, None if there is room. Raises Full."""
        if len(self._since) < self.most:
            return None
        if now - self._oldest() < AT_LEAST:
            raise Full
        return self._since.popitem(last=False)[0]

    def late(self, now: float) -> Iterator[str]:
        """Remove and yield those whose time is over."""
        while self._since and now - self._oldest() >= (
            WITHIN if len(self._since) <= self.most / 2 else CROWDED
        ):
            yield self._since.popitem(last=False)[0]

    def _oldest(self) -> float:
        return next(iter(self._since.values()))
