"""The store on Redis keeps the contract, and says so when it can't."""

from collections.abc import AsyncIterator

import pytest
from relay.log.log import LogUnavailable
from relay.log.store import BoundedSet, Quota, Store
from relay.redis.names import Names
from relay.redis.store import RedisStore

from tests.stack.relay.worker import RedisUnderTest
from tests.unit.relay.log.store_contract import StoreContract


@pytest.fixture
async def store(redis: RedisUnderTest) -> AsyncIterator[Store]:
    link = redis.link()
    yield RedisStore(link, Names(redis.prefix))
    await link.close()


class TestRedisStore(StoreContract):
    """The contract's tests."""


async def test_a_store_that_is_away_says_so(redis: RedisUnderTest, store: Store) -> None:
    await redis.docker("pause")
    for asked in (store.once("a", b""), store.take(Quota("a", 1, 9)), store.add("a", BoundedSet("b", 1))):
        with pytest.raises(LogUnavailable):
            await asked
