"""A real Redis of these tests' own. They run beside those of the relay, which stop and wipe theirs."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.stack.relay.worker import RedisUnderTest, under_test
from tests.support.redis_alone import redis_alone

CONTAINER = "tertulia-test-redis-of-examples"
PORT = 18488


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with redis_alone(CONTAINER, PORT) as url:
        yield url


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[RedisUnderTest]:
    async with under_test(redis_url, CONTAINER) as redis:
        yield redis
