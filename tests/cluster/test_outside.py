"""Programs that serve no clients append to rooms of a cluster, with asyncio and without; and a cluster whose
keys have another layout is left alone."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from relay import LogUnavailable, Options, Post
from relay.outside import Outside, SyncOutside
from relay.redis.cluster.link import ClusterLink
from relay.redis.cluster.nodes import nodes_of
from relay.redis.names import Names

from tests.stack.relay.worker import RedisUnderTest, Worker, until
from tests.support.redis_cluster import RedisCluster

ROOMS = [f"room-{number}" for number in range(12)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[RedisCluster]:
    cluster = RedisCluster("tertulia-test-outside", 18641, replicas=1)
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def options() -> Options:
    return Options(prefix=f"test-{secrets.token_hex(4)}:", replicas=1)


@asynccontextmanager
async def a_worker(cluster: RedisCluster, options: Options) -> AsyncIterator[Worker]:
    under_test = RedisUnderTest(cluster.url, "", options.prefix)
    worker = Worker(under_test, options=options)
    yield worker
    await worker.stop()


async def in_a_thread(call: Callable[[], Any]) -> Any:
    return await asyncio.to_thread(call)


@pytest.mark.parametrize("sync", [False, True])
async def test_what_is_appended_outside_reaches_members(
    cluster: RedisCluster, options: Options, sync: bool
) -> None:
    async with a_worker(cluster, options) as worker:
        await worker.hears()
        members = [await worker.member(room) for room in ROOMS]
        for room in ROOMS:
            if sync:
                with SyncOutside(cluster.url, options) as outside:
                    await in_a_thread(partial(outside.append, room, Post("1", b"from outside")))
            else:
                async with Outside(cluster.url, options) as other:
                    await other.append(room, Post("1", b"from outside"))
        await until(lambda: all(member.numbers == [1] for member in members), "all are told")


async def test_without_asyncio_all_is_asked(cluster: RedisCluster, options: Options) -> None:
    def ask() -> None:
        with SyncOutside(cluster.url, options) as outside:
            for room in ROOMS:
                assert outside.append(room, Post("1", b"x")).seq == 1
                again = outside.append(room, Post("1", b"x"))
                assert (again.seq, again.duplicate) == (1, True)
            heads = outside.heads(ROOMS)
            assert {head.seq for head in heads.values()} == {1}
            assert outside.head("none").seq == 0
            assert [entry.data for entry in outside.read(ROOMS[0]).entries] == [b"x"]
            outside.remove(ROOMS[0], group="ana")
            outside.disconnect_group("ana")

    await in_a_thread(ask)


async def test_without_asyncio_slots_that_moved_are_found(cluster: RedisCluster, options: Options) -> None:
    with SyncOutside(cluster.url, options) as outside:
        for room in ROOMS:
            await in_a_thread(partial(outside.append, room, Post("1", b"x")))
        await in_a_thread(partial(cluster.reshard, 3000))
        for room in ROOMS:
            assert (await in_a_thread(partial(outside.append, room, Post("2", b"x")))).seq == 2


async def test_without_asyncio_what_no_replica_has_is_not_acknowledged(
    cluster: RedisCluster, options: Options
) -> None:
    primary = await in_a_thread(partial(cluster.primary_of, Names(options.prefix).of("tea").log))
    (replica,) = await in_a_thread(partial(cluster.replicas_of, primary))
    with SyncOutside(cluster.url, options) as outside:
        await in_a_thread(partial(outside.append, "tea", Post("1", b"x")))
        cluster.signal(replica, "STOP")
        try:
            with pytest.raises(LogUnavailable, match="Of 1 replicas only 0"):
                await in_a_thread(partial(outside.append, "tea", Post("2", b"x")))
            assert len((await in_a_thread(partial(outside.read, "tea"))).entries) == 2, "it can be read"
        finally:
            cluster.signal(replica, "CONT")
            await in_a_thread(cluster.whole)


async def command(cluster: RedisCluster, *words: str) -> Any:
    """Ask the cluster, whatever its layout is."""
    nodes = nodes_of(cluster.url)
    link = ClusterLink(nodes.connect_to, nodes.seeds)
    (reply,) = await link.send(words)
    await link.close()
    return reply


@pytest.mark.parametrize("kind", ["older", "newer"])
async def test_nobody_writes_beside_another_layout(
    cluster: RedisCluster, options: Options, kind: str
) -> None:
    names = Names(options.prefix)
    if kind == "older":
        await command(cluster, "SADD", names.logs, "tea")
    else:
        await command(cluster, "SET", names.layout, "3")
    said = f"the data of an? {kind} version"
    async with a_worker(cluster, options) as worker:
        await until(lambda: kind in str(worker.relay.problem()), "the worker says why")
        with pytest.raises(LogUnavailable, match=said):
            await worker.relay.log.append("tea", Post("1", b"x"))
    async with Outside(cluster.url, options) as outside:
        with pytest.raises(LogUnavailable, match=said):
            await outside.append("tea", Post("1", b"x"))
    with SyncOutside(cluster.url, options) as other, pytest.raises(LogUnavailable, match=said):
        await in_a_thread(partial(other.append, "tea", Post("1", b"x")))
    assert await command(cluster, "EXISTS", names.of("tea").log) == 0


async def test_a_cluster_that_is_new_gets_the_layout(cluster: RedisCluster, options: Options) -> None:
    names = Names(options.prefix)
    async with a_worker(cluster, options) as worker:
        assert await worker.say_until_kept("x") == 1
    assert await command(cluster, "GET", names.layout) == b"2"


async def test_a_worker_starts_while_the_node_of_the_layout_is_away(
    cluster: RedisCluster, options: Options
) -> None:
    """The rooms of other nodes can be read."""
    names = Names(options.prefix)
    lost = await in_a_thread(partial(cluster.primary_of, names.layout))
    others = [room for room in ROOMS if cluster.primary_of(names.of(room).log) != lost]
    stopped = (lost, *cluster.replicas_of(lost))
    assert others
    for port in stopped:
        cluster.signal(port, "STOP")
    try:
        async with a_worker(cluster, options) as worker:

            async def read() -> bool:
                try:
                    return len(await worker.relay.log.heads(others)) == len(others)
                except LogUnavailable:
                    return False

            await until(read, "they can be read")
    finally:
        for port in stopped:
            cluster.signal(port, "CONT")
        await in_a_thread(cluster.whole)
