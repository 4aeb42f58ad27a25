"""Each row of docs/relay-features.md is so on two workers."""

from collections.abc import AsyncIterator

import pytest

from tests.stack.relay.test_server_on_redis import served
from tests.stack.relay.worker import RedisUnderTest
from tests.support.served import Served
from tests.unit.relay.features_contract import FeaturesWithRedis
from tests.unit.relay.refusals_contract import RefusalsContract


class TestFeaturesOnRedis(FeaturesWithRedis, RefusalsContract):
    @pytest.fixture
    def url(self, redis: RedisUnderTest) -> str:
        return redis.url

    @pytest.fixture
    async def one(self, redis: RedisUnderTest) -> AsyncIterator[Served]:
        async with served(redis) as worker:
            yield worker

    @pytest.fixture
    async def two(self, redis: RedisUnderTest) -> AsyncIterator[Served]:
        async with served(redis) as worker:
            yield worker
