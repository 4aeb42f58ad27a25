"""A Redis Cluster and a Valkey Cluster of these tests' own, one after the other, and workers on it."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from tests.cluster.failover import worker_on
from tests.stack.relay.worker import Worker
from tests.support.redis_cluster import RedisCluster

PORT = 18501


@pytest.fixture(scope="session", params=["redis", "valkey"])
def cluster(request: pytest.FixtureRequest) -> Iterator[RedisCluster]:
    # With one replica, losing a node would stop the writes of its shard: nobody could confirm them.
    cluster = RedisCluster(f"tertulia-test-{request.param}-cluster", PORT, replicas=2, program=request.param)
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def prefix() -> str:
    return f"test-{secrets.token_hex(4)}:"


@pytest.fixture
async def worker(cluster: RedisCluster, prefix: str) -> AsyncIterator[Callable[[], Worker]]:
    workers: list[Worker] = []

    def make() -> Worker:
        workers.append(worker_on(cluster, prefix))
        return workers[-1]

    yield make
    await asyncio.gather(*(each.stop() for each in workers))
    await asyncio.to_thread(cluster.whole)
