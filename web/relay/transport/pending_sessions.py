"""Pending sessions: those that have joined no namespace yet, or have left all. Their time and number have a
limit, so that a client that only opens sessions takes no room from others."""

from collections import OrderedDict
from collections.abc import Iterator

CROWDED = 10.0
"""Seconds that it may stay pending while more than half of the allowed number are."""
AT_LEAST = 2.0
"""Seconds for which a pending session is never evicted, however many others come."""


class Full(Exception):
    """As many sessions as allowed are pending, and none of them is older than `AT_LEAST` seconds."""


class PendingSessions:
    """The pending sessions by their ids, the oldest first. Times are in seconds of one monotonic clock."""

    def __init__(self, most: int, seconds: float) -> None:
        """`most`: how many there may be. `seconds`: how long each may stay pending."""
        self.most = most
        self.seconds = seconds
        self._since: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._since)

    def add(self, sid: str, now: float) -> None:
        """Start a session's time. A session that is pending already keeps its time: a refused CONNECT does
        not renew it."""
        self._since.setdefault(sid, now)

    def remove(self, sid: str) -> None:
        """Forget a session, which joined a namespace or ended."""
        self._since.pop(sid, None)

    def evict(self, now: float) -> str | None:
        """Remove and return the session that has to make room for a new one; None if there is room. Raises
        Full."""
        if len(self._since) < self.most:
            return None
        if now - self._oldest() < AT_LEAST:
            raise Full
        return self._since.popitem(last=False)[0]

    def expired(self, now: float) -> Iterator[str]:
        """Remove and yield the sessions whose time is over."""
        while self._since and now - self._oldest() >= (
            self.seconds if len(self._since) <= self.most / 2 else min(self.seconds, CROWDED)
        ):
            yield self._since.popitem(last=False)[0]

    def _oldest(self) -> float:
        return next(iter(self._since.values()))
