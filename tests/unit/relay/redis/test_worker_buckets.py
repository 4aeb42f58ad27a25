"""A worker lets in by its own copy of a bucket, and charges in Redis what passed."""

import asyncio
from collections.abc import Sequence

import pytest
from relay.log.log import LogUnavailable
from relay.log.token_buckets import Limited, TokenBucket
from relay.redis import worker_buckets
from relay.redis.buckets import Charge
from relay.redis.worker_buckets import CHARGES, LARGE, WorkerBuckets

from tests.support.waiting import PATIENCE, soon

ANA = TokenBucket("ana", per_second=0.01, burst=5)


class Redis:
    """Keeps what it is told of, by key; what others took can be added."""

    def __init__(self) -> None:
        self.taken: dict[str, int] = {}
        self.calls: list[list[str]] = []
        self.away = False
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def charge(self, charges: Sequence[Charge]) -> list[int]:
        buckets = [charge.bucket for charge in charges]
        self.calls.append([bucket.key for bucket in buckets])
        await self.may_answer.wait()
        if self.away:
            raise LogUnavailable("away")
        for bucket in buckets:
            self.taken[bucket.key] = self.taken.get(bucket.key, 0) + bucket.cost
        return [int(self.taken[bucket.key] * bucket.token) for bucket in buckets]


@pytest.fixture
def redis(monkeypatch: pytest.MonkeyPatch) -> Redis:
    monkeypatch.setattr(worker_buckets, "CHARGE_EVERY", 0.01)
    return Redis()


@pytest.fixture
def buckets(redis: Redis) -> WorkerBuckets:
    return WorkerBuckets(redis)  # type: ignore[arg-type]


async def granted(buckets: WorkerBuckets, tries: int, bucket: TokenBucket = ANA) -> int:
    """How often a token was taken."""
    taken = 0
    for _ in range(tries):
        try:
            await buckets.take([bucket])
            taken += 1
        except Limited:
            pass
    return taken


async def turns() -> None:
    """Other tasks have run."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_one_worker_gives_what_a_bucket_holds_without_asking(
    redis: Redis, buckets: WorkerBuckets
) -> None:
    assert await granted(buckets, 9) == 5
    assert redis.calls == []


async def test_what_passed_is_charged_once_and_together(redis: Redis, buckets: WorkerBuckets) -> None:
    ben = ANA._replace(key="ben", cost=2)
    assert await granted(buckets, 3) == 3
    assert await granted(buckets, 2, ben) == 2
    await soon(lambda: redis.taken == {"ana": 3, "ben": 4}, what="the charge")
    await asyncio.sleep(0.05)
    assert redis.calls == [["ana", "ben"]]


async def test_what_others_took_is_missing_here_after_a_charge(redis: Redis, buckets: WorkerBuckets) -> None:
    redis.taken["ana"] = 3
    assert await granted(buckets, 1) == 1
    await soon(lambda: redis.taken["ana"] == 4, what="the charge")
    assert await granted(buckets, 9) == 1


async def test_a_large_part_is_charged_at_once(
    redis: Redis, buckets: WorkerBuckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small one is charged in its time."""
    monkeypatch.setattr(worker_buckets, "CHARGE_EVERY", 2 * PATIENCE)
    for _ in range(3):
        await buckets.take([ANA._replace(burst=100, cost=8)])
        await turns()
    assert redis.calls == []
    await buckets.take([ANA._replace(burst=100, cost=2)])
    await soon(lambda: redis.taken == {"ana": 26}, what="the charge")


async def test_two_workers_let_pass_little_more_than_one(
    redis: Redis, buckets: WorkerBuckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However fast they are asked, as long as Redis answers."""
    monkeypatch.setattr(worker_buckets, "CHARGE_EVERY", 2 * PATIENCE)
    other, holds, passed = WorkerBuckets(redis), ANA._replace(burst=1000), 0  # type: ignore[arg-type]
    for _ in range(2000):
        passed += await granted(buckets, 1, holds) + await granted(other, 1, holds)
        await turns()
    assert 1000 <= passed <= 1000 + 1000 / LARGE + 10


async def test_what_passes_while_redis_is_asked_is_charged_next(redis: Redis, buckets: WorkerBuckets) -> None:
    redis.may_answer.clear()
    assert await granted(buckets, 2) == 2
    await soon(lambda: len(redis.calls) == 1, what="the first charge")
    assert await granted(buckets, 2) == 2
    redis.may_answer.set()
    await soon(lambda: redis.taken == {"ana": 4}, what="both charges")
    assert await granted(buckets, 9) == 1


async def test_tokens_come_back_while_redis_is_asked(
    redis: Redis, buckets: WorkerBuckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time that a charge takes is not added to what a bucket lacks. Else who says as much as they may
    would have less with each charge."""
    clock = [10**12]  # microseconds
    monkeypatch.setattr(worker_buckets, "_now", lambda: clock[0])
    redis.may_answer.clear()
    assert await granted(buckets, 3) == 3
    await soon(lambda: len(redis.calls) == 1, what="the charge")
    clock[0] += int(ANA.token)
    redis.may_answer.set()
    await soon(lambda: redis.taken == {"ana": 3} and buckets._charging is None, what="its answer")
    assert await granted(buckets, 9) == 3


async def test_what_is_given_back_can_be_taken_again(redis: Redis, buckets: WorkerBuckets) -> None:
    """Also if it was charged before."""
    assert await granted(buckets, 5) == 5
    await buckets.give_back([ANA])
    assert await granted(buckets, 9) == 1
    await soon(lambda: redis.taken == {"ana": 5}, what="the charge")
    await buckets.give_back([ANA])
    await soon(lambda: redis.taken == {"ana": 4}, what="the charge of what was given back")
    assert await granted(buckets, 9) == 1


async def test_a_bucket_that_lacks_takes_of_no_other(redis: Redis, buckets: WorkerBuckets) -> None:
    all = TokenBucket("all", per_second=0.01, burst=9)
    assert await granted(buckets, 5) == 5
    with pytest.raises(Limited) as limited:
        await buckets.take([all, ANA])
    assert limited.value.bucket.key == "ana"
    assert await granted(buckets, 20, all) == 9


async def test_a_charge_that_fails_ends_nothing(redis: Redis, buckets: WorkerBuckets) -> None:
    """The worker goes on by its own copy, and what passes later is charged."""
    redis.away = True
    assert await granted(buckets, 2) == 2
    await soon(lambda: len(redis.calls) == 1, what="the first charge")
    redis.away = False
    assert await granted(buckets, 1) == 1
    await soon(lambda: redis.taken == {"ana": 1}, what="the next charge")


async def test_many_buckets_are_charged_a_part_at_a_time(redis: Redis, buckets: WorkerBuckets) -> None:
    for number in range(CHARGES + 1):
        await buckets.take([ANA._replace(key=f"person {number}")])
    await soon(lambda: len(redis.taken) == CHARGES + 1, what="all charges")
    assert [len(call) for call in redis.calls] == [CHARGES, 1]


async def test_a_charge_that_fails_takes_no_other_with_it(redis: Redis, buckets: WorkerBuckets) -> None:
    """What was not sent is charged later."""
    redis.away = True
    for number in range(CHARGES + 1):
        await buckets.take([ANA._replace(key=f"person {number}")])
    await soon(lambda: len(redis.calls) == 1, what="the charge that fails")
    redis.away = False
    await soon(lambda: redis.taken == {f"person {CHARGES}": 1}, what="the charge of the rest")


async def test_a_worker_that_ends_has_charged_all_that_passed(redis: Redis, buckets: WorkerBuckets) -> None:
    """Also what passed while it was charging. Else a rollout would give everybody their tokens once more."""
    redis.may_answer.clear()
    assert await granted(buckets, 2) == 2
    await soon(lambda: redis.calls, what="the first charge")
    assert await granted(buckets, 2) == 2
    stopping = asyncio.create_task(buckets.stop())
    redis.may_answer.set()
    await stopping
    assert redis.taken == {"ana": 4}


async def test_a_worker_that_ends_while_redis_is_away_does_not_try_for_ever(
    redis: Redis, buckets: WorkerBuckets
) -> None:
    redis.away = True
    await granted(buckets, 2)
    await buckets.stop()
    assert len(redis.calls) == 1
    assert buckets._timer is None
    assert buckets._charging is None
