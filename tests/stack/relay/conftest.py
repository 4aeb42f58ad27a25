"""A real Redis of these tests' own, which they may stop, kill and wipe, and workers on it."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from relay.redis.link import Link

from tests.stack.relay.worker import Proxy, RedisUnderTest, Worker, Workers, under_test
from tests.support.redis_alone import redis_alone

CONTAINER = "tertulia-test-redis-alone"
PORT = 18479


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with redis_alone(CONTAINER, PORT) as url:
        yield url


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[RedisUnderTest]:
    async with under_test(redis_url, CONTAINER) as redis:
        yield redis


@pytest.fixture
async def link(redis: RedisUnderTest) -> AsyncIterator[Link]:
    link = redis.link()
    yield link
    await link.close()


@pytest.fixture
async def proxy(redis: RedisUnderTest) -> AsyncIterator[Proxy]:
    proxy = Proxy(redis)
    await proxy.open()
    yield proxy
    await proxy.close()


@pytest.fixture
async def worker(redis: RedisUnderTest) -> AsyncIterator[Workers]:
    """Makes workers, each with a server, manager and connections of its own."""
    workers: list[Worker] = []

    def make(through: RedisUnderTest = redis) -> Worker:
        workers.append(Worker(through))
        return workers[-1]

    yield make
    await asyncio.gather(*(each.stop() for each in workers))
