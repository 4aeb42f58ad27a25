"""The log, the rules, the buckets, the store and records keep their contracts on a Redis Cluster too."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import NamedTuple, cast

import pytest
from relay import Options
from relay.log.log import Log, LogUnavailable
from relay.log.records import Records
from relay.log.store import Store
from relay.redis.buckets import RedisBuckets
from relay.redis.cluster.link import ClusterLink
from relay.redis.cluster.nodes import nodes_of
from relay.redis.log import RedisLog
from relay.redis.names import Names
from relay.redis.records import RedisRecords
from relay.redis.store import RedisStore
from relay.redis.worker_buckets import WorkerBuckets

from tests.stack.relay.worker import RedisUnderTest, Worker, until
from tests.support.redis_cluster import RedisCluster
from tests.unit.relay.log.amending_contract import AmendingContract
from tests.unit.relay.log.buckets_contract import BucketsContract
from tests.unit.relay.log.log_contract import LogContract, MakeLog
from tests.unit.relay.log.records_contract import RecordsContract
from tests.unit.relay.log.rules_contract import RulesContract
from tests.unit.relay.log.store_contract import StoreContract
from tests.unit.relay.log.together_contract import TogetherContract


@pytest.fixture(scope="session")
def cluster() -> Iterator[RedisCluster]:
    # With one replica, losing a node would stop the writes of its shard: nobody could confirm them.
    cluster = RedisCluster("tertulia-test-cluster", 18501, replicas=2)
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def prefix() -> str:
    return f"test-{secrets.token_hex(4)}:"


@pytest.fixture
async def link(cluster: RedisCluster) -> AsyncIterator[ClusterLink]:
    nodes = nodes_of(cluster.url)
    link = ClusterLink(nodes.connect_to, nodes.seeds, replicas=1)
    yield link
    await link.close()


class TestLogOnACluster(LogContract, AmendingContract, RulesContract, BucketsContract, TogetherContract):
    @pytest.fixture
    async def make_log(self, link: ClusterLink, prefix: str) -> AsyncIterator[MakeLog]:
        made: list[WorkerBuckets] = []

        def make(*, keep: int = 0, dedup_ttl: int = 60) -> Log:
            names = Names(prefix)
            made.append(WorkerBuckets(RedisBuckets(link, names)))
            return RedisLog(link, names, made[-1], keep=keep, dedup_ttl=dedup_ttl)

        yield make
        await asyncio.gather(*(buckets.stop() for buckets in made))


class TestStoreOnACluster(StoreContract):
    @pytest.fixture
    def store(self, link: ClusterLink, prefix: str) -> Store:
        return RedisStore(link, Names(prefix))


class TestRecordsOnACluster(RecordsContract):
    @pytest.fixture
    def records(self, link: ClusterLink, prefix: str) -> Records:
        return RedisRecords(link, Names(prefix))


class ClusterUnderTest(NamedTuple):
    """What a Worker needs to know of it."""

    url: str
    prefix: str


@pytest.fixture
async def worker(cluster: RedisCluster, prefix: str) -> AsyncIterator[Callable[[], Worker]]:
    workers: list[Worker] = []

    def make() -> Worker:
        under_test = cast(RedisUnderTest, ClusterUnderTest(cluster.url, prefix))
        workers.append(Worker(under_test, options=Options(prefix=prefix, replicas=1)))
        return workers[-1]

    yield make
    await asyncio.gather(*(each.stop() for each in workers))
    await asyncio.to_thread(cluster.whole)


async def test_two_workers_show_one_order_in_every_room(worker: Callable[[], Worker]) -> None:
    one, two = worker(), worker()
    rooms = [f"room-{number}" for number in range(20)]
    for each in (one, two):
        await each.hears()
    members = {room: (await one.member(room), await two.member(room)) for room in rooms}
    for number in range(20):
        await asyncio.gather(*(each.say(f"{number}", room) for room in rooms for each in (one, two)))
    both = [member for pair in members.values() for member in pair]
    await until(lambda: all(len(member.told) >= 40 for member in both), "all are told")
    for first, second in members.values():
        assert first.numbers == list(range(1, 41))
        assert first.told == second.told


async def test_people_at_other_workers_are_seen(worker: Callable[[], Worker]) -> None:
    one, two = worker(), worker()
    for each in (one, two):
        await each.hears()
    await one.person("ana")
    ben = await two.person("ben")
    await until(lambda: one.here() == two.here() == {"ana", "ben"}, "each sees both")
    await two.leaves(ben)
    await until(lambda: one.here() == {"ana"}, "ben is gone")


async def test_a_replica_that_takes_over_costs_no_message_and_no_other_room(
    cluster: RedisCluster, prefix: str, worker: Callable[[], Worker]
) -> None:
    one, two = worker(), worker()
    for each in (one, two):
        await each.hears()
    names = Names(prefix)
    lost = await asyncio.to_thread(cluster.primary_of, names.of("tea").log)
    others = (f"room-{number}" for number in range(100))
    other = next(room for room in others if cluster.primary_of(names.of(room).log) != lost)
    here, there = await two.member("tea"), await two.member(other)
    await one.say("before")
    before = await one.relay.log.head("tea")
    stop, spoken = asyncio.Event(), 0
    failed: set[str] = set()

    async def talk() -> None:
        nonlocal spoken
        while not stop.is_set():
            try:
                await one.say(str(spoken), other)
                spoken += 1
            except LogUnavailable as error:
                failed.add(str(error))
            await asyncio.sleep(0.02)

    talking = asyncio.create_task(talk())
    await asyncio.to_thread(cluster.signal, lost, "KILL")
    began = time.monotonic()
    kept = [await one.say_until_kept(f"after {number}") for number in range(20)]
    print(f"the room of the lost primary was back after {time.monotonic() - began:.1f} s")
    after = (await one.relay.log.head("tea")).epoch
    await until(
        lambda: len([told for told in here.told if told.epoch == after]) >= 21, "the member starts over"
    )
    stop.set()
    await talking
    assert kept == list(range(2, 22))
    assert after != before.epoch
    assert [told.seq for told in here.told if told.epoch == after] == list(range(1, 22))
    assert failed == set()
    await until(lambda: len(there.told) == spoken, "the members of the other room are told")
    assert there.numbers == list(range(1, spoken + 1))


async def test_what_no_replica_has_is_not_acknowledged(
    cluster: RedisCluster, prefix: str, worker: Callable[[], Worker]
) -> None:
    one = worker()
    await one.hears()
    await one.say("before", id="0")
    primary = await asyncio.to_thread(cluster.primary_of, Names(prefix).of("tea").log)
    replicas = await asyncio.to_thread(cluster.replicas_of, primary)
    for replica in replicas:
        await asyncio.to_thread(cluster.signal, replica, "STOP")
    try:
        for _ in range(2):  # nor is it when it is repeated, which writes nothing new
            with pytest.raises(LogUnavailable, match="Of 1 replicas only 0"):
                await one.say("alone", id="1")
        assert (await one.relay.log.read("tea")).entries, "what is there can be read"
    finally:
        for replica in replicas:
            await asyncio.to_thread(cluster.signal, replica, "CONT")
    assert await one.say_until_kept("alone", id="1") == 2


async def test_slots_that_move_cost_no_message(
    cluster: RedisCluster, prefix: str, worker: Callable[[], Worker]
) -> None:
    one, two = worker(), worker()
    for each in (one, two):
        await each.hears()
    rooms = [f"room-{number}" for number in range(60)]
    members = [await two.member(room) for room in rooms]
    stop, kept = asyncio.Event(), dict.fromkeys(rooms, 0)

    async def talk(room: str) -> None:
        while not stop.is_set():
            await one.say_until_kept("x", room)
            kept[room] += 1
            await asyncio.sleep(0.05)

    talking = [asyncio.create_task(talk(room)) for room in rooms]
    await asyncio.to_thread(cluster.reshard, 1500)
    await asyncio.to_thread(cluster.reshard, 1500)
    stop.set()
    await asyncio.gather(*talking)
    both = [*zip(members, rooms, strict=True)]
    await until(lambda: all(kept[room] in member.numbers for member, room in both), "all are told")
    for member, room in both:
        numbers: dict[str, list[int]] = {}
        for told in member.told:
            numbers.setdefault(told.epoch, []).append(told.seq)
        # A shard that gets slots gets a new epoch as well: its rooms start over with their newest page.
        for of_epoch in numbers.values():
            assert of_epoch == list(range(of_epoch[0], of_epoch[-1] + 1))
        assert set(member.numbers) == set(range(1, kept[room] + 1))
