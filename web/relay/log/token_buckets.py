"""Token buckets: rate limits that hold across all workers: over time exactly, within a second as
redis/worker_buckets.py says.

A token bucket holds `burst` tokens and gets `per_second` new ones. What is done takes `cost` tokens; without
enough of them it is refused. For each bucket only the time is kept at which it is full again (the generic
cell rate algorithm of ITU-T I.371), and for a full bucket nothing.
"""

from __future__ import annotations

from typing import NamedTuple


class TokenBucket(NamedTuple):
    """`key`: whose it is, and for what. `per_second`: new tokens. `burst`: tokens that it holds. `cost`:
    tokens that one action takes, at most `burst`."""

    key: str
    per_second: float
    burst: int
    cost: int = 1

    @property
    def token(self) -> float:
        """Microseconds until there is another token."""
        return 1_000_000 / self.per_second


class Limited(Exception):
    """`bucket` had too few tokens. Nothing was done and no token taken. In `retry_after` seconds there are
    enough."""

    def __init__(self, bucket: TokenBucket, retry_after: float) -> None:
        super().__init__(f"limited by {bucket.key} for {retry_after:.3f} s")
        self.bucket = bucket
        self.retry_after = retry_after
