"""All that is kept in Redis keeps its contracts on Valkey and clusters too."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from relay.log.log import Log
from relay.log.records import Records
from relay.log.store import Store
from relay.redis.buckets import RedisBuckets
from relay.redis.cluster.link import ClusterLink
from relay.redis.cluster.nodes import nodes_of
from relay.redis.connector import connector
from relay.redis.link import Link
from relay.redis.log import RedisLog
from relay.redis.names import Names
from relay.redis.records import RedisRecords
from relay.redis.store import RedisStore
from relay.redis.worker_buckets import WorkerBuckets

from tests.support.redis_alone import redis_alone
from tests.support.redis_cluster import RedisCluster
from tests.unit.relay.log.log_contract import MakeLog
from tests.unit.relay.log.records_contract import RecordsContract
from tests.unit.relay.log.store_contract import StoreContract
from tests.unit.relay.log.whole_contract import WholeContract
from tests.unit.relay.values_contract import ValuesContract


class WithRecords:
    @pytest.fixture
    def records(self, link: Link, prefix: str) -> Records:
        return RedisRecords(link, Names(prefix))


class OfALog(WithRecords, WholeContract):
    """On whatever a `link` leads to."""

    @pytest.fixture
    async def make_log(self, link: Link, prefix: str) -> AsyncIterator[MakeLog]:
        made: list[WorkerBuckets] = []

        def make(*, keep: int = 0, dedup_ttl: int = 60) -> Log:
            names = Names(prefix)
            made.append(WorkerBuckets(RedisBuckets(link, names)))
            return RedisLog(link, names, made[-1], keep=keep, dedup_ttl=dedup_ttl)

        yield make
        await asyncio.gather(*(buckets.stop() for buckets in made))


class OfAStore(WithRecords, StoreContract, RecordsContract, ValuesContract):
    """On whatever a `link` leads to."""

    @pytest.fixture
    def store(self, link: Link, prefix: str) -> Store:
        return RedisStore(link, Names(prefix))


class OnACluster:
    @pytest.fixture
    async def link(self, cluster: RedisCluster) -> AsyncIterator[Link]:
        nodes = nodes_of(cluster.url)
        link = ClusterLink(nodes.connect_to, nodes.seeds, replicas=1)
        yield link
        await link.close()


class TestLogOnACluster(OnACluster, OfALog):
    """The contract's tests."""


class TestStoreOnACluster(OnACluster, OfAStore):
    """The contract's tests."""


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    with redis_alone("tertulia-test-valkey-alone", 18490, "valkey/valkey:9", "valkey") as url:
        yield url


class OnValkey:
    @pytest.fixture
    async def link(self, valkey: str) -> AsyncIterator[Link]:
        link = Link(connector(valkey))
        yield link
        await link.close()


class TestLogOnValkey(OnValkey, OfALog):
    """The contract's tests."""


class TestStoreOnValkey(OnValkey, OfAStore):
    """The contract's tests."""
