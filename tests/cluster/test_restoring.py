"""Whatever a cluster lost, or a backup lacks: no number of a log means two entries in one epoch."""

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from relay.log.log import Appended, LogUnavailable
from relay.log.post import Post
from relay.redis.cluster.link import ClusterLink
from relay.redis.cluster.nodes import nodes_of
from relay.redis.connector import connector
from relay.redis.link import Link
from relay.redis.log import RedisLog
from relay.redis.names import Names

from tests.support.redis_cluster import RedisCluster
from tests.support.waiting import PATIENCE, eventually

PREFIX = "test-restoring:"
ROOMS = [f"room-{number}" for number in range(12)]
ALONE = 18610
"""The port of a Redis that is in no cluster."""

Numbers = dict[str, tuple[str, int]]
"""Of rooms: the epoch and the number of an entry."""


@pytest.fixture(scope="module")
def nodes() -> Iterator[RedisCluster]:
    nodes = RedisCluster("tertulia-test-restoring", 18601)
    nodes.start()
    yield nodes
    nodes.stop()


@pytest.fixture
def cluster(nodes: RedisCluster) -> RedisCluster:
    stop(nodes)
    create(nodes)
    return nodes


def stop(cluster: RedisCluster) -> None:
    """End every node, and return when all are gone."""
    for port in cluster.ports:
        gone = "while kill -KILL $pid 2>/dev/null; do sleep 0.05; done"
        cluster.sh(f"pid=$(cat /data/{port}/pid); {gone}")


def start(cluster: RedisCluster) -> None:
    for port in cluster.ports:
        cluster.start_node(port)
    cluster.whole()


def create(cluster: RedisCluster) -> None:
    """Make another cluster of the nodes, without any data."""
    cluster.sh("rm -rf /data/*")
    for port in cluster.ports:
        cluster.start_node(port)
    eventually(lambda: [cluster.cli(port, "PING") for port in cluster.ports], what="the nodes answer")
    addresses = [f"{host(cluster)}:{port}" for port in cluster.ports]
    cluster.cli(cluster.ports[0], f"--cluster create {' '.join(addresses)} --cluster-yes")
    eventually(lambda: "ok" in cluster.cli(cluster.ports[0], "CLUSTER INFO | grep state"), what="it works")
    cluster.whole()


def host(cluster: RedisCluster) -> str:
    found = urlsplit(cluster.url.partition(",")[0]).hostname
    assert found
    return found


def save(cluster: RedisCluster) -> None:
    """Take a backup of what each node has on disk."""
    cluster.sh("rm -rf /saved; mkdir /saved")
    for port in cluster.ports:
        cluster.sh(f"cp -r /data/{port}/appendonlydir /saved/{port}")


def restore(cluster: RedisCluster) -> None:
    """Put the backup in place of what each node has on disk."""
    for port in cluster.ports:
        cluster.sh(f"rm -rf /data/{port}/appendonlydir; cp -r /saved/{port} /data/{port}/appendonlydir")


async def say(link: Link, text: str) -> Numbers:
    """Append an entry to each room."""
    log = RedisLog(link, Names(PREFIX), keep=0, dedup_ttl=60)
    async with asyncio.timeout(PATIENCE):
        kept = {room: await append(log, room, text) for room in ROOMS}
    await link.close()
    return {room: (entry.epoch, entry.seq) for room, entry in kept.items()}


async def append(log: RedisLog, room: str, text: str) -> Appended:
    while True:
        try:
            return await log.append(room, Post(text, text.encode()))
        except LogUnavailable:
            await asyncio.sleep(0.05)


def link_to(cluster: RedisCluster) -> ClusterLink:
    found = nodes_of(cluster.url)
    return ClusterLink(found.connect_to, found.seeds)


def assert_begun_anew(after: Numbers, before: Numbers) -> None:
    """The same numbers were given once more, in other epochs."""
    for room in ROOMS:
        assert after[room][1] == before[room][1]
        assert after[room][0] != before[room][0]


async def test_a_backup_that_is_restored_into_the_same_nodes_begins_new_epochs(cluster: RedisCluster) -> None:
    await say(link_to(cluster), "kept")
    await asyncio.to_thread(save, cluster)
    lost = await say(link_to(cluster), "after the backup")
    await asyncio.to_thread(stop, cluster)
    restore(cluster)
    await asyncio.to_thread(start, cluster)
    assert_begun_anew(await say(link_to(cluster), "after it was restored"), lost)


async def test_a_backup_that_is_restored_into_another_cluster_begins_new_epochs(
    cluster: RedisCluster,
) -> None:
    await say(link_to(cluster), "kept")
    await asyncio.to_thread(save, cluster)
    lost = await say(link_to(cluster), "after the backup")
    await asyncio.to_thread(stop, cluster)
    await asyncio.to_thread(create, cluster)
    await asyncio.to_thread(stop, cluster)
    restore(cluster)
    await asyncio.to_thread(start, cluster)
    assert_begun_anew(await say(link_to(cluster), "after it was restored"), lost)


async def test_what_one_redis_had_begins_new_epochs_in_a_cluster(cluster: RedisCluster) -> None:
    alone = f"--port {ALONE} --dir /data/alone --daemonize yes --save '' --protected-mode no --bind 0.0.0.0"
    cluster.sh(f"mkdir -p /data/alone; /usr/bin/env redis-server {alone}")
    url = f"redis://{host(cluster)}:{ALONE}"
    await asyncio.to_thread(eventually, lambda: cluster.cli(ALONE, "PING"), what="the Redis answers")
    await say(Link(connector(url)), "kept")
    into = f"{host(cluster)}:{cluster.ports[0]} --cluster-from {host(cluster)}:{ALONE} --cluster-copy"
    await asyncio.to_thread(cluster.cli, cluster.ports[0], f"--cluster import {into}")
    lost = await say(Link(connector(url)), "after that")
    assert_begun_anew(await say(link_to(cluster), "in the cluster"), lost)
    cluster.cli(ALONE, "SHUTDOWN NOSAVE")


async def test_a_primary_that_lost_its_last_writes_begins_new_epochs(cluster: RedisCluster) -> None:
    """As one that syncs to disk once a second does, when its host goes down."""
    await say(link_to(cluster), "kept")
    await asyncio.to_thread(save, cluster)
    lost = await say(link_to(cluster), "lost")
    port = cluster.ports[0]
    cluster.sh(f"kill -KILL $(cat /data/{port}/pid)")
    cluster.sh(f"rm -rf /data/{port}/appendonlydir; cp -r /saved/{port} /data/{port}/appendonlydir")
    await asyncio.to_thread(cluster.whole)
    after = await say(link_to(cluster), "after that")
    again = [room for room in ROOMS if after[room][1] == lost[room][1]]
    assert 0 < len(again) < len(ROOMS), "the others are at other nodes"
    for room in ROOMS:
        assert (after[room][0] == lost[room][0]) == (room not in again)
