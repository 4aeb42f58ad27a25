"""A worker lets a part of each token bucket pass by itself, and what passed is charged."""

import asyncio
import time

import pytest
from relay.log.log import LogUnavailable
from relay.log.token_buckets import Limited, TokenBucket
from relay.redis import bucket_shares
from relay.redis.bucket_shares import CHARGE_EVERY, BucketShares

from tests.support.waiting import soon
from tests.unit.relay.redis.fake_buckets import FakeBuckets

ANA = TokenBucket("ana", per_second=1, burst=40)
QUARTER = 10


@pytest.fixture
async def redis() -> FakeBuckets:
    return FakeBuckets()


@pytest.fixture
async def worker(redis: FakeBuckets) -> BucketShares:
    return BucketShares(redis)


async def passes(worker: BucketShares, bucket: TokenBucket, tries: int = 100) -> int:
    """How many of so many takes are let in."""
    passed = 0
    for _ in range(tries):
        try:
            await worker.take([bucket])
            passed += 1
        except Limited:
            pass
    return passed


class Clock:
    """Tokens of a bucket that came since it was made."""

    def __init__(self, bucket: TokenBucket) -> None:
        self._rate, self._begun = bucket.per_second, time.monotonic()

    @property
    def tokens(self) -> float:
        return self._rate * (time.monotonic() - self._begun)


async def test_a_quarter_passes_without_a_question(redis: FakeBuckets, worker: BucketShares) -> None:
    assert await passes(worker, ANA, QUARTER) == QUARTER
    assert redis.calls == []
    await worker.take([ANA])
    assert [(charge.takes, charge.owed) for [charge] in redis.calls] == [(1, QUARTER)]


@pytest.mark.parametrize("cost", [1, 3, 7])
async def test_one_worker_alone_lets_pass_what_a_bucket_holds(worker: BucketShares, cost: int) -> None:
    clock = Clock(ANA)
    passed = cost * await passes(worker, ANA._replace(cost=cost))
    assert ANA.burst - cost < passed <= ANA.burst + clock.tokens


async def test_the_limit_is_told_without_a_question(redis: FakeBuckets, worker: BucketShares) -> None:
    """A flood costs Redis nothing. The wait is until there is a token."""
    clock = Clock(ANA)
    await passes(worker, ANA)
    with pytest.raises(Limited) as limited:
        await worker.take([ANA])
    assert 0 < limited.value.retry_after <= 1
    asked = len(redis.calls)
    await passes(worker, ANA, 1000)
    assert len(redis.calls) <= asked + 2 * clock.tokens


@pytest.mark.parametrize("exact", [ANA._replace(burst=19), ANA._replace(per_second=0.5)])
async def test_small_and_slow_buckets_are_exact(redis: FakeBuckets, exact: TokenBucket) -> None:
    clock, workers = Clock(exact), [BucketShares(redis) for _ in range(5)]
    passed = [await passes(worker, exact, 15) for worker in workers]
    assert exact.burst <= sum(passed) <= exact.burst + clock.tokens


async def test_an_action_takes_of_all_its_buckets_or_of_none(redis: FakeBuckets) -> None:
    worker = BucketShares(redis)
    small = TokenBucket("small", per_second=0.001, burst=3)
    clock = Clock(ANA)
    for _ in range(3):
        await worker.take([ANA, small])
    for _ in range(5):
        with pytest.raises(Limited, match="small"):
            await worker.take([ANA, small])
    assert ANA.burst - 3 <= await passes(worker, ANA) <= ANA.burst - 3 + clock.tokens


@pytest.mark.parametrize("count", [2, 5, 12])
async def test_workers_together_let_pass_a_quarter_more_for_each(redis: FakeBuckets, count: int) -> None:
    clock, workers = Clock(ANA), [BucketShares(redis) for _ in range(count)]
    passed = await asyncio.gather(*(passes(worker, ANA) for worker in workers))
    assert ANA.burst <= sum(passed) <= ANA.burst + (count - 1) * QUARTER + clock.tokens


async def test_what_passed_too_much_is_waited_for(redis: FakeBuckets) -> None:
    """Over time all workers together let pass what comes into the bucket, also those that forgot it."""
    fast = TokenBucket("fast", per_second=40, burst=20)
    clock, workers = Clock(fast), [BucketShares(redis) for _ in range(8)]
    passed = 0
    while clock.tokens < 5 * fast.burst:
        passed += sum([await passes(worker, fast, 3) for worker in workers])
        await asyncio.sleep(0.01)
    assert 5 * fast.burst <= passed <= fast.burst + 7 * 5 + clock.tokens


async def test_what_passed_is_charged_within_a_second(redis: FakeBuckets, worker: BucketShares) -> None:
    """Whether or not somebody comes again."""
    clock = Clock(ANA)
    await passes(worker, ANA, 4)
    await soon(lambda: redis.calls, what="it is charged", within=5 * CHARGE_EVERY)
    [[charge]] = redis.calls
    assert (charge.takes, charge.owed) == (0, 4)
    other = BucketShares(redis)
    assert await passes(other, ANA) <= ANA.burst - 4 + clock.tokens


async def test_tokens_that_are_there_again_are_not_charged_late(
    redis: FakeBuckets, worker: BucketShares
) -> None:
    """A person who said little a moment ago may say as much at once as the bucket holds."""
    fast = TokenBucket("fast", per_second=100, burst=20)
    await passes(worker, fast, 5)
    await asyncio.sleep(0.1)
    assert await passes(worker, fast, 20) == 20


async def test_what_is_given_back_is_there_again(redis: FakeBuckets, worker: BucketShares) -> None:
    """Also on other workers, a moment later."""
    clock = Clock(ANA)
    await passes(worker, ANA)
    for _ in range(QUARTER):
        await worker.give_back([ANA])
    assert QUARTER <= await passes(worker, ANA) <= QUARTER + clock.tokens
    await worker.give_back([ANA._replace(cost=QUARTER)])
    count = len(redis.calls)
    await soon(lambda: len(redis.calls) > count, what="it is charged")
    await asyncio.sleep(0.01)
    given_back = await passes(BucketShares(redis), ANA._replace(cost=QUARTER), 2)
    assert given_back >= 1


async def test_buckets_that_are_full_again_are_forgotten(redis: FakeBuckets, worker: BucketShares) -> None:
    """Then nothing is left, not even a timer. Others are remembered until they are full."""
    slow = ANA._replace(key="slow", per_second=0.3)
    await worker.take([slow])
    for number in range(2 * bucket_shares.CHARGES):
        await worker.take([TokenBucket(f"person {number}", per_second=20, burst=20)])
    await soon(lambda: set(worker._records) == {"slow"}, what="the others are forgotten")
    assert max(len(call) for call in redis.calls) <= bucket_shares.CHARGES
    await soon(lambda: not worker._records and worker._timer is None, what="it is forgotten too")


@pytest.fixture
def few_records(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(bucket_shares, "RECORDS", 3)
    return 3


async def test_so_many_buckets_are_remembered_and_no_more(
    redis: FakeBuckets, worker: BucketShares, few_records: int
) -> None:
    """Redis is asked about others each time, so they are exact."""
    for number in range(few_records):
        await worker.take([ANA._replace(key=f"person {number}", cost=QUARTER)])
    assert redis.calls == []
    clock = Clock(ANA)
    assert ANA.burst <= await passes(worker, ANA) <= ANA.burst + clock.tokens
    assert sum(charge.takes for call in redis.calls for charge in call) == 100
    assert len(worker._records) == few_records


async def test_who_gives_up_evades_no_limit(redis: FakeBuckets, worker: BucketShares) -> None:
    """A question that is cancelled may not have been sent. What passed before is still owed."""
    clock, passed = Clock(ANA), 0
    for _ in range(20):
        while worker.take_share([ANA]):
            passed += 1
        redis.open.clear()
        asking = asyncio.create_task(worker.take([ANA]))
        await asyncio.sleep(0.001)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        redis.open.set()
        passed += await passes(worker, ANA, 1)
    assert passed <= ANA.burst + clock.tokens


async def test_without_redis_the_share_passes_and_no_more(redis: FakeBuckets, worker: BucketShares) -> None:
    redis.error = LogUnavailable("Redis is away")
    await passes(worker, ANA, QUARTER)
    with pytest.raises(LogUnavailable):
        await worker.take([ANA])
    await soon(lambda: len(redis.calls) > 1 or worker._timer, what="the charge was tried")
    redis.error = None
    await worker.take([ANA])
