"""The Admin UI of two workers on Redis shows both, and acts on both."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from relay import Options, Relay

from tests.stack.relay.worker import RedisUnderTest
from tests.support.served import Served, event_of
from tests.support.waiting import soon
from tests.unit.relay.admin.admin_contract import LOGIN, AdminContract, Instrumented


class TestAdminOnRedis(AdminContract):
    @pytest.fixture
    def instrumented(self, redis: RedisUnderTest) -> Instrumented:
        def worker(**options: Any) -> Served:
            relay = Relay.on_redis(redis.url, event_of, Options(prefix=redis.prefix))
            served = Served(relay, namespaces="*")
            served.server.instrument(**{"auth": LOGIN, **options})
            return served

        @asynccontextmanager
        async def start(**options: Any) -> AsyncIterator[tuple[Served, Served]]:
            async with worker(**options) as one, worker(**options) as two:
                for each in (one, two):
                    await soon(lambda e=each: e.relay.problem() is None, what="the worker hears itself")  # type: ignore[misc]
                yield one, two

        return start
