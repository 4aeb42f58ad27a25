"""Buckets as bucket.lua keeps them, without Redis. The test says when they answer."""

import asyncio
from collections.abc import Sequence
from time import monotonic_ns

from relay.redis.token_buckets import Charge, Charged, RedisBuckets


class FakeBuckets(RedisBuckets):
    def __init__(self) -> None:
        self.full: dict[str, float] = {}
        """When each is full again, in microseconds."""
        self.calls: list[list[Charge]] = []
        self.open = asyncio.Event()
        """While it is not set, nothing is answered, and nothing charged."""
        self.open.set()
        self.error: Exception | None = None

    async def charge(self, charges: Sequence[Charge]) -> Charged:
        self.calls.append(list(charges))
        await self.open.wait()
        if self.error is not None:
            raise self.error
        now = monotonic_ns() // 1000
        taken = True
        for bucket, takes, owed, own in charges:
            full = self.full.get(bucket.key, 0) + owed * bucket.token
            if owed > 0:
                full = max(full, now + own)
            self.full[bucket.key] = max(full, now)
            if takes and self.full[bucket.key] - now > bucket.token * (bucket.burst - takes):
                taken = False
        if taken:
            for bucket, takes, *_ in charges:
                self.full[bucket.key] += takes * bucket.token
        return Charged(taken, [int(self.full[each.bucket.key]) - now for each in charges])
