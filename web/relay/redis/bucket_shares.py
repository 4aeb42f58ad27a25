"""A worker lets a part of each token bucket pass by itself, and asks Redis near the limit only.

To ask Redis about each entry would cost as much as to append it. So a quarter of what is left in a bucket
passes without asking. What passed is owed: it is charged with the next question about this bucket, or within
a second. The reply says what is left then, and a quarter of that is the next share. It is rounded down, so
near the limit it is nothing, and one worker alone lets pass exactly what a bucket holds.

All workers together let pass at once what a bucket holds, and a quarter of that more for each worker beside
the first. All of it is charged, so the rate over time is exact. Small and slow buckets have no share: they
are exact on all workers together.

What is known to lack without a question is not asked about either, so a flood costs Redis nothing here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic_ns

from relay.log.log import LogUnavailable
from relay.log.token_buckets import TokenBucket
from relay.redis.token_buckets import Charge, Charged, RedisBuckets, longest, wait_for

SHARE = 4
"""A worker lets the fourth part of what is left pass by itself."""
EXACT_BURST, EXACT_RATE = 20, 1
"""Of a bucket that holds fewer tokens, or gets fewer a second, nothing passes without asking."""
CHARGE_EVERY = 1.0
"""Seconds until what is owed is charged. bucket.lua keeps buckets for longer than that."""
CHARGES = 256
"""Buckets in one charge at most. Redis does nothing else meanwhile: some 2 ms."""
RECORDS = 20_000
"""Buckets that a worker remembers at most. Of others nothing passes without asking."""


@dataclass(slots=True)
class _Record:
    """What this worker knows of a bucket. `share`: tokens that pass without asking. `owed`: tokens that
    passed and are not charged yet, less than 0 if some have to be given back. `own`: when those would be
    there again if nothing else was taken. `full`: when the bucket is full again, or later if other workers
    took of it. Both in microseconds."""

    bucket: TokenBucket
    share: int
    owed: int = 0
    own: float = 0.0
    full: float = 0.0

    def take(self, bucket: TokenBucket, now: int) -> None:
        """Let tokens pass without asking."""
        lasts = bucket.token * bucket.cost
        self.share -= bucket.cost
        self.owed += bucket.cost
        self.own = max(self.own, now) + lasts
        self.full = max(self.full, now) + lasts

    def charge(self, now: int, takes: int = 0) -> Charge:
        """Return what is owed, which from now on is charged, with tokens to take."""
        charge = Charge(self.bucket, takes, self.owed, int(self.own) - now)
        self.owed = 0
        return charge

    def charged(self, left: int, now: int) -> None:
        """Take over what Redis replied. `left`: microseconds until the bucket is full. What passed since it
        was asked comes on top."""
        token = self.bucket.token
        self.full = now + left + token * self.owed
        self.share = max(0, share_of(self.bucket, int(self.bucket.burst - left / token)) - self.owed)


class BucketShares:
    def __init__(self, buckets: RedisBuckets) -> None:
        self._buckets = buckets
        self._records: dict[str, _Record] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._charging: asyncio.Task[None] | None = None

    def take_share(self, buckets: Sequence[TokenBucket]) -> bool:
        """Take tokens of the share of each bucket, or of none. Returns whether they were taken."""
        records = []
        for bucket in buckets:
            record = self._record(bucket)
            if record is None or record.share < bucket.cost:
                return False
            records.append(record)
        now = _now()
        for record, bucket in zip(records, buckets, strict=True):
            record.take(bucket, now)
        return True

    async def take(self, buckets: Sequence[TokenBucket]) -> None:
        """Take tokens of each bucket, or of none. Raises Limited, and LogUnavailable.

        If the caller is cancelled meanwhile, what was owed before is still owed, and may be charged twice.
        Who sends and closes the connection at once would evade the limits otherwise."""
        if self.take_share(buckets):
            return
        now = _now()
        levels = [(bucket, self._level(bucket) - now) for bucket in buckets]
        # Other workers only take: what lacks by what is known here lacks in any case.
        if any(wait_for(*level) > 0 for level in levels):
            raise longest(levels)
        charges = [self._charge_of(bucket, now) for bucket in buckets]
        try:
            taken, left = await self._charge(charges)
        except asyncio.CancelledError:
            for charge in charges:
                self._owe(charge, now)
            raise
        if not taken:
            raise longest(zip(buckets, left, strict=True))

    async def give_back(self, buckets: Sequence[TokenBucket]) -> None:
        """Put back what was taken and not used. Redis is told with the next charge."""
        for bucket in buckets:
            if (record := self._record(bucket)) is not None:
                lasts = bucket.token * bucket.cost
                record.owed -= bucket.cost
                record.own -= lasts
                record.full -= lasts

    def _record(self, bucket: TokenBucket) -> _Record | None:
        """Return what is known of a bucket; None if there is no place for it. A bucket that nothing is known
        of is full, or this worker took nothing of it for as long as it takes to fill."""
        record = self._records.get(bucket.key)
        if record is None and len(self._records) < RECORDS:
            record = self._records[bucket.key] = _Record(bucket, share_of(bucket, bucket.burst))
            self._charge_later()
        return record

    def _level(self, bucket: TokenBucket) -> float:
        record = self._records.get(bucket.key)
        return 0.0 if record is None else record.full

    def _charge_of(self, bucket: TokenBucket, now: int) -> Charge:
        record = self._records.get(bucket.key)
        return Charge(bucket, bucket.cost) if record is None else record.charge(now, bucket.cost)

    def _owe(self, charge: Charge, now: int) -> None:
        if (record := self._record(charge.bucket)) is not None:
            record.owed += charge.owed
            record.own = max(record.own, now + charge.own)

    async def _charge(self, charges: Sequence[Charge]) -> Charged:
        charged = await self._buckets.charge(charges)
        now = _now()
        for charge, left in zip(charges, charged.left, strict=True):
            if (record := self._record(charge.bucket)) is not None:
                record.charged(left, now)
        return charged

    def _charge_soon(self) -> None:
        self._timer = None
        self._charging = asyncio.create_task(self._charge_all())

    async def _charge_all(self) -> None:
        """Charge what is owed to all buckets, and forget those that are full again."""
        owing = [record for record in self._records.values() if record.owed]
        try:
            for first in range(0, len(owing), CHARGES):
                now = _now()
                await self._charge([record.charge(now) for record in owing[first : first + CHARGES]])
        except LogUnavailable:
            pass  # Nobody knows whether it was charged, and it is not charged twice. The rest still is.
        now, records = _now(), self._records
        self._records = {key: record for key, record in records.items() if record.owed or record.full > now}
        if self._records:
            self._charge_later()

    def _charge_later(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(CHARGE_EVERY, self._charge_soon)


def share_of(bucket: TokenBucket, left: int) -> int:
    """Return how many tokens a worker lets pass by itself if so many are left."""
    exact = bucket.burst < EXACT_BURST or bucket.per_second < EXACT_RATE
    return 0 if exact else max(0, left // SHARE)


def _now() -> int:
    """Microseconds."""
    return monotonic_ns() // 1000
