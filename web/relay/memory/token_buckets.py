"""The token buckets in this process' memory, lost when the process ends."""

from collections.abc import Sequence
from math import floor

from relay.log.token_buckets import Limited, TokenBucket


class MemoryBuckets:
    """As bucket.lua keeps them in Redis."""

    def __init__(self) -> None:
        self._full: dict[str, int] = {}  # when each is full again
        self._crowded = 1000

    def take(self, buckets: Sequence[TokenBucket], now: int) -> None:
        """Take tokens of each bucket, or of none. `now`: microseconds. Raises Limited."""
        full: dict[str, float] = {}
        waits = []
        for bucket in buckets:
            full[bucket.key] = max(self._full.get(bucket.key, now), now) + bucket.token * bucket.cost
            waits.append((full[bucket.key] - bucket.token * bucket.burst - now, bucket))
        wait, longest = max(waits, key=lambda each: each[0], default=(0, None))
        if longest is not None and wait > 0:
            raise Limited(longest, wait / 1_000_000)
        # Whole microseconds, or what is lost in the sum of many floats would cost the last token.
        self._full |= {key: floor(at) for key, at in full.items()}
        self._forget_full(now)

    def give_back(self, buckets: Sequence[TokenBucket]) -> None:
        """Put back the tokens that were taken for something that was not done."""
        for bucket in buckets:
            if bucket.key in self._full:
                self._full[bucket.key] -= floor(bucket.token * bucket.cost)

    def full(self, key: str) -> int:
        """Return when a bucket is full again, in microseconds; 0 if it is."""
        return self._full.get(key, 0)

    def set_full(self, key: str, at: int) -> None:
        """Take over when a bucket is full again, in microseconds."""
        self._full[key] = at

    def _forget_full(self, now: int) -> None:
        if len(self._full) > self._crowded:
            self._full = {key: at for key, at in self._full.items() if at > now}
            self._crowded = max(1000, 2 * len(self._full))
