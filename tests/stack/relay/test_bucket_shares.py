"""Workers on one Redis share token buckets: each lets a part pass by itself, and what passed is charged."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator

import pytest
from relay import Options
from relay.log.log import Log, LogUnavailable
from relay.log.post import LogCreation, Post
from relay.log.token_buckets import Limited, TokenBucket
from relay.outside import SyncOutside
from relay.redis.link import Link
from relay.redis.log import RedisLog
from relay.redis.names import Names

from tests.stack.relay.worker import RedisUnderTest, until
from tests.unit.relay.log.buckets_contract import granted

ANA = TokenBucket("ana", per_second=1, burst=40)
WORKERS = 4


@pytest.fixture
async def link(redis: RedisUnderTest) -> AsyncIterator[Link]:
    link = redis.link()
    yield link
    await link.close()


@pytest.fixture
async def workers(redis: RedisUnderTest) -> AsyncIterator[list[RedisLog]]:
    links = [redis.link() for _ in range(WORKERS)]
    yield [redis.log(link) for link in links]
    await asyncio.gather(*(link.close() for link in links))


async def test_workers_together_let_pass_a_quarter_more_for_each(workers: list[RedisLog]) -> None:
    begun = time.monotonic()
    passed = await asyncio.gather(*(granted(worker, ANA, 60) for worker in workers))
    assert ANA.burst <= sum(passed) <= ANA.burst + (WORKERS - 1) * ANA.burst / 4 + time.monotonic() - begun


@pytest.mark.parametrize("exact", [ANA._replace(burst=19), ANA._replace(per_second=0.5)], ids=repr)
async def test_small_and_slow_buckets_are_exact(workers: list[RedisLog], exact: TokenBucket) -> None:
    begun = time.monotonic()
    passed = await asyncio.gather(*(granted(worker, exact, 30) for worker in workers))
    assert exact.burst <= sum(passed) <= exact.burst + exact.per_second * (time.monotonic() - begun)


async def test_the_rate_over_time_is_exact(workers: list[RedisLog]) -> None:
    """What workers let pass too much at once is waited for."""
    fast, begun, passed = TokenBucket("fast", per_second=40, burst=20), time.monotonic(), 0
    while time.monotonic() - begun < 4:
        passed += sum(await asyncio.gather(*(granted(worker, fast, 3) for worker in workers)))
        await asyncio.sleep(0.01)
    elapsed = time.monotonic() - begun
    assert 4 * fast.per_second <= passed <= fast.burst * (1 + (WORKERS - 1) / 4) + fast.per_second * elapsed


async def test_what_one_worker_let_pass_others_know_a_second_later(
    redis: RedisUnderTest, workers: list[RedisLog]
) -> None:
    (here, there, *_), begun = workers, time.monotonic()
    slow = ANA._replace(burst=400)
    assert await granted(here, slow, 100) == 100
    await until(lambda: exists(redis, Names(redis.prefix).bucket("ana")), "it is charged")
    passed = await granted(there, slow._replace(cost=100), 4)
    assert passed <= (300 + time.monotonic() - begun) / 100


async def exists(redis: RedisUnderTest, key: str) -> bool:
    return bool(await redis.command("EXISTS", key))


async def test_full_buckets_are_not_kept(redis: RedisUnderTest, workers: list[RedisLog]) -> None:
    """Neither in Redis nor in a worker, which needs some seconds for it."""
    fast = TokenBucket("fast", per_second=100, burst=20)
    for worker in workers:
        await granted(worker, fast, 10)
    await until(lambda: exists(redis, Names(redis.prefix).bucket("fast")), "it is charged")

    async def gone() -> bool:
        return not await exists(redis, Names(redis.prefix).bucket("fast"))

    await until(gone, "it is forgotten")


async def test_a_link_that_breaks_is_no_way_around_the_limit(redis: RedisUnderTest, link: Link) -> None:
    log, begun = redis.log(link), time.monotonic()
    passed = 0
    for _ in range(12):
        passed += await granted(log, ANA, 9)
        await redis.command("CLIENT", "KILL", "TYPE", "normal")
    assert ANA.burst <= passed <= ANA.burst + time.monotonic() - begun


async def test_a_silent_redis_is_unavailable_within_two_seconds(redis: RedisUnderTest, link: Link) -> None:
    """Whether a post waits for its tokens, for a turn in its room, or for the log."""
    log: Log = redis.log(link)
    small = TokenBucket("small", per_second=1, burst=5)
    creation = LogCreation(rates=[small._replace(key="logs")])
    await log.append("tea", Post("first", b"x", rates=[ANA, small], creation=creation))
    await redis.docker("pause")
    waits: list[float] = []

    async def ask(number: int) -> None:
        await asyncio.sleep(number * 0.01)
        asked = time.monotonic()
        rates = [ANA, small, ANA._replace(key=f"{number}")][: number % 4]
        post = Post(secrets.token_hex(8), b"x", rates=rates, creation=creation)
        with pytest.raises((LogUnavailable, Limited)):
            await log.append("tea" if number % 2 else "milk", post)
        waits.append(time.monotonic() - asked)

    await asyncio.gather(*(ask(number) for number in range(200)))
    assert max(waits) < 2


async def test_a_program_from_outside_takes_tokens(redis: RedisUnderTest, workers: list[RedisLog]) -> None:
    """It asks each time, since it may end at once."""
    begun = time.monotonic()

    def append() -> int:
        passed = 0
        with SyncOutside(redis.url, Options(prefix=redis.prefix)) as outside:
            for _ in range(30):
                outside.append("tea", Post(secrets.token_hex(8), b"x", rates=[ANA]))
                passed += 1
        return passed

    assert await asyncio.to_thread(append) == 30
    passed = await granted(workers[0], ANA._replace(cost=10), 9) * 10
    assert passed <= 10 + 10 + time.monotonic() - begun
