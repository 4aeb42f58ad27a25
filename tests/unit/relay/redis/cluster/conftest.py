"""A cluster that is none, and a link to it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from relay.redis.cluster.link import ClusterLink

from tests.unit.relay.redis.cluster.fake_cluster import Cluster, linked
from tests.unit.relay.redis.fake_redis import FakeRedis


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    cluster = Cluster()
    async with AsyncExitStack() as stack:
        for _ in range(2):
            cluster.nodes.append(await stack.enter_async_context(FakeRedis(cluster.answer)))
        yield cluster


@pytest.fixture
async def link(cluster: Cluster) -> AsyncIterator[ClusterLink]:
    link = linked(cluster)
    yield link
    await link.close()
