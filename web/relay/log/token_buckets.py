"""The token buckets: how often something may be done, by whomever and on whichever worker.

A token bucket holds `at_once` tokens and gets `per_second` new ones; what is done takes one or more, or is
not done. Of a bucket only the time is kept at which it is full again (the generic cell rate algorithm of
ITU-T I.371), and of a full one nothing.
"""

from __future__ import annotations

from typing import NamedTuple


class Bucket(NamedTuple):
    """`key` says whose it is, and for what. `takes`: tokens that what is done takes, at most `at_once`."""

    key: str
    per_second: float
    at_once: int
    takes: int = 1

    @property
    def token(self) -> float:
        """Microseconds until there is another token."""
        return 1_000_000 / self.per_second


class Limited(Exception):
    """`bucket` had too few tokens. Nothing was done and no token taken; in `retry_after` seconds there are
    enough."""

    def __init__(self, bucket: Bucket, retry_after: float) -> None:
        super().__init__(f"limited by {bucket.key} for {retry_after:.3f} s")
        self.bucket = bucket
        self.retry_after = retry_after
