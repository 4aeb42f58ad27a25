"""The token buckets in Redis, which all workers share."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple, Protocol

from relay.log.log import LogUnavailable
from relay.log.token_buckets import Limited, TokenBucket
from relay.redis.link import Link
from relay.redis.names import Names
from relay.redis.script import Script


class Buckets(Protocol):
    """What lets posts in."""

    async def take(self, buckets: Sequence[TokenBucket]) -> None:
        """Take tokens of each bucket, or of none. Raises Limited, and LogUnavailable if Redis is asked and
        can't be reached."""

    async def give_back(self, buckets: Sequence[TokenBucket]) -> None:
        """Put back the tokens that were taken for something that was not done."""


class Charge(NamedTuple):
    """What is taken of a bucket, as its `cost`; less than 0 is put back. `own`: the microseconds until it
    would be full again if nobody else had taken of it."""

    bucket: TokenBucket
    own: int


class RedisBuckets:
    """Asks Redis about each post. For a process that may end soon: nothing is charged later."""

    def __init__(self, link: Link, names: Names) -> None:
        self._script = Script(link, "bucket.lua")
        self._names = names

    async def take(self, buckets: Sequence[TokenBucket]) -> None:
        """As of Buckets."""
        if not buckets:
            return
        taken, *left = await self._run([_now(bucket) for bucket in buckets], charge=False)
        if not taken:
            lacks = [
                (full + bucket.token * (bucket.cost - bucket.burst), bucket)
                for full, bucket in zip(left, buckets, strict=True)
            ]
            wait, lacking = max(lacks, key=lambda each: each[0])
            raise Limited(lacking, max(wait, 1) / 1_000_000)

    async def give_back(self, buckets: Sequence[TokenBucket]) -> None:
        """As of Buckets. If Redis can't be reached they are lost, and come anew with time."""
        with suppress(LogUnavailable):
            await self.charge([_now(bucket._replace(cost=-bucket.cost)) for bucket in buckets])

    async def charge(self, charges: Sequence[Charge]) -> list[int]:
        """Take tokens of each bucket, also if it has too few. Returns for each the microseconds until it is
        full again. Raises LogUnavailable."""
        _, *left = await self._run(charges, charge=True) if charges else [1]
        return left

    async def _run(self, charges: Sequence[Charge], *, charge: bool) -> list[int]:
        keys = [self._names.bucket(bucket.key) for bucket, _ in charges]
        words = (word for each, own in charges for word in (f"{each.token:.6f}", each.burst, each.cost, own))
        reply: list[int]
        (reply,) = await self._script.run((len(keys), *keys, int(charge), *words))
        return reply


def _now(bucket: TokenBucket) -> Charge:
    return Charge(bucket, max(0, int(bucket.token * bucket.cost)))
