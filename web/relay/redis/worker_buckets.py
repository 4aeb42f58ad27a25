"""The token buckets of a worker: it lets posts in by what it knows itself, and tells Redis once a second.

To ask Redis about each post costs a third to a half of what it takes to append it (measured). So a worker
takes tokens of its own copy of a bucket. What passed is charged in Redis within `CHARGE_EVERY` seconds, and
at once if it is a large part of what the bucket holds. The reply says what all workers together have left in
it, which the worker takes over.

So the rate over time is exact on all workers together. At once, that is within a second, somebody with
sessions on several workers can take more than a bucket holds: for each other worker what it lets pass
without a charge, and what comes while Redis is asked. While Redis is away, each worker goes on by its own
copy; nothing can be appended then.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from time import monotonic_ns

from relay.log.log import LogUnavailable
from relay.log.token_buckets import TokenBucket
from relay.memory.token_buckets import MemoryBuckets
from relay.redis.buckets import Charge, RedisBuckets

logger = logging.getLogger(__name__)

CHARGE_EVERY = 1.0
"""Seconds until what passed is charged."""
LARGE = 4
"""What passed is charged at once if it is more than this part, a quarter, of what a bucket holds."""
CHARGES = 200
"""Buckets in one charge at most. Redis does nothing else meanwhile: some 1 ms."""


class WorkerBuckets:
    def __init__(self, redis: RedisBuckets) -> None:
        self._redis = redis
        self._own = MemoryBuckets()
        self._owed: dict[str, TokenBucket] = {}  # what passed and is not charged yet, as the cost
        self._timer: asyncio.TimerHandle | None = None
        self._charging: asyncio.Task[None] | None = None
        self._large = False  # whether what is owed is to be charged at once
        self._away = False  # whether the last charge failed
        self._stopped = False

    async def take(self, buckets: Sequence[TokenBucket]) -> None:
        """As of Buckets, but waits for nothing."""
        self._own.take(buckets, _now())
        self._owe(buckets, 1)

    async def give_back(self, buckets: Sequence[TokenBucket]) -> None:
        """As of Buckets, but waits for nothing."""
        self._own.give_back(buckets)
        self._owe(buckets, -1)

    async def stop(self) -> None:
        """Charge what passed; the process is about to end. Nothing may be taken any more."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
        if self._charging is not None:
            await self._charging
        await self._charge_all()

    def _owe(self, buckets: Sequence[TokenBucket], sign: int) -> None:
        owed = self._owed
        for bucket in buckets:
            before = owed.get(bucket.key)
            cost = sign * bucket.cost
            if before is not None:
                cost += before.cost
            owed[bucket.key] = bucket._replace(cost=cost)
            if cost * LARGE > bucket.burst:
                self._large = True
        if owed and not self._stopped:
            self._schedule()

    def _schedule(self) -> None:
        """Charge soon what is owed, or when the charge that is under way has ended."""
        if self._charging is not None:
            return
        if self._large and not self._away:
            if self._timer is not None:
                self._timer.cancel()
            self._charge_soon()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(CHARGE_EVERY, self._charge_soon)

    def _charge_soon(self) -> None:
        self._timer = None
        self._charging = asyncio.create_task(self._charge_all())

    async def _charge_all(self) -> None:
        owed, self._owed, self._large = [*self._owed.values()], {}, False
        try:
            while owed:
                some, owed = owed[:CHARGES], owed[CHARGES:]
                await self._charge(some)
            self._away = False
        except LogUnavailable as error:
            # Nobody knows whether it was charged, and nothing is charged twice. The rest was not sent.
            logger.debug("what passed the rate limits could not be charged: %s", error)
            self._away = True
            self._owe(owed, 1)
        finally:
            self._charging = None
            self._owe((), 0)

    async def _charge(self, buckets: list[TokenBucket]) -> None:
        now = _now()
        charges = [Charge(bucket, max(0, self._own.full(bucket.key) - now)) for bucket in buckets]
        left = await self._redis.charge(charges)
        for bucket, lasts in zip(buckets, left, strict=True):
            since = self._owed.get(bucket.key)  # what passed while Redis was asked
            # From when it was asked, not from now: else each charge would add the time that it took.
            self._own.set_full(bucket.key, now + lasts + int(bucket.token * since.cost if since else 0))


def _now() -> int:
    """Microseconds."""
    return monotonic_ns() // 1000
