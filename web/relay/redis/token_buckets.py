"""Token buckets in Redis, which all workers share: bucket.lua, and what it is told and replies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from relay.log.token_buckets import Limited, TokenBucket
from relay.redis.link import Command, Link
from relay.redis.names import Names
from relay.redis.script import Script


class Charge(NamedTuple):
    """What is to happen to a bucket. `takes`: tokens to take, if all buckets of the call have enough. `owed`:
    tokens to charge in any case, less than 0 to give back. `own`: microseconds until those that are charged
    would be there again if nothing else was taken."""

    bucket: TokenBucket
    takes: int = 0
    owed: int = 0
    own: int = 0

    @property
    def words(self) -> Command:
        """What bucket.lua is told."""
        return f"{self.bucket.token:.6f}", self.bucket.burst, self.takes, self.owed, self.own


class Charged(NamedTuple):
    """`taken`: whether the tokens were taken. `left`: for each bucket, microseconds until it is full."""

    taken: bool
    left: list[int]


class RedisBuckets:
    def __init__(self, link: Link, names: Names) -> None:
        self._script = Script(link, "bucket.lua")
        self._names = names

    async def charge(self, charges: Sequence[Charge]) -> Charged:
        """Charge several buckets in one step. Raises LogUnavailable."""
        keys = [self._names.bucket(each.bucket.key) for each in charges]
        words = [word for each in charges for word in each.words]
        ((taken, *left),) = await self._script.run((len(keys), *keys, *words))
        return Charged(bool(taken), left)

    async def take(self, buckets: Sequence[TokenBucket]) -> None:
        """Take tokens of each bucket, or of none. Raises Limited, and LogUnavailable."""
        if buckets:
            taken, left = await self.charge([Charge(bucket, bucket.cost) for bucket in buckets])
            if not taken:
                raise longest(zip(buckets, left, strict=True))

    async def give_back(self, buckets: Sequence[TokenBucket]) -> None:
        """Put back what was taken and not used. Raises LogUnavailable."""
        if buckets:
            await self.charge([Charge(bucket, owed=-bucket.cost) for bucket in buckets])


def wait_for(bucket: TokenBucket, left: float) -> float:
    """Return the microseconds until a bucket has enough tokens, at most 0 if it has. `left`: microseconds
    until it is full."""
    return left - bucket.token * (bucket.burst - bucket.cost)


def longest(levels: Iterable[tuple[TokenBucket, float]]) -> Limited:
    """Return what limits: the bucket that takes longest until it has enough tokens. Each comes with the
    microseconds until it is full."""
    wait, bucket = max(((wait_for(*each), each[0]) for each in levels), key=lambda each: each[0])
    return Limited(bucket, max(0.0, wait) / 1_000_000)
