"""A Redis that is not what the relay needs ends the start of a worker, which says why. What becomes right by
itself is waited for."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from relay import Options, Post, Relay, RelayServer, WrongRedis

from tests.support.redis_cluster import RedisCluster
from tests.support.waiting import eventually, soon

ALONE = 18630
"""The port of a Redis that is in no cluster."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[RedisCluster]:
    cluster = RedisCluster("tertulia-test-wrong-redis", 18621)
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def alone(cluster: RedisCluster) -> Iterator[str]:
    begin(cluster)
    yield url_of(cluster, ALONE)
    cluster.sh("kill -KILL $(cat /data/alone/pid)")


def begin(cluster: RedisCluster, options: str = "") -> None:
    """Start a Redis that is in no cluster."""
    always = f"--port {ALONE} --dir /data/alone --pidfile /data/alone/pid --daemonize yes --save ''"
    cluster.sh(
        f"mkdir -p /data/alone; while kill -KILL $(cat /data/alone/pid); do sleep 0.05; done 2>/dev/null; "
        f"/usr/bin/env redis-server {always} --protected-mode no --bind 0.0.0.0 {options}"
    )
    eventually(lambda: "PONG" in cluster.cli(ALONE, "PING"), what="the Redis answers")


def url_of(cluster: RedisCluster, port: int, login: str = "", scheme: str = "redis") -> str:
    return f"{scheme}://{login}{urlsplit(cluster.url.partition(',')[0]).hostname}:{port}"


@asynccontextmanager
async def started(url: str, replicas: int = 0) -> AsyncIterator[Relay]:
    relay = Relay.on_redis(url, options=Options(prefix="test-wrong:", replicas=replicas))
    server = RelayServer(relay.manager)
    await server.start()
    try:
        yield relay
    finally:
        await server.stop()


async def refused(url: str, replicas: int = 0) -> str:
    """Return why a worker does not start."""
    with pytest.raises(WrongRedis) as wrong:
        async with started(url, replicas):
            pass
    return str(wrong.value)


async def serves(relay: Relay) -> None:
    await soon(lambda: relay.problem() is None, what="the worker is ready")
    assert (await relay.log.append("tea", Post("1", b"x"))).seq == 1
    await relay.log.clear("tea")


async def test_a_cluster_or_one_redis_that_is_right_is_served(cluster: RedisCluster, alone: str) -> None:
    for url in (cluster.url, alone):
        async with started(url) as relay:
            await serves(relay)
            assert relay.lacks() == []


async def test_a_url_of_a_cluster_that_leads_to_one_redis(alone: str) -> None:
    why = await refused(alone.replace("redis://", "redis+cluster://"))
    assert "is one Redis alone" in why
    assert "Begin the URL with redis://" in why


async def test_a_url_of_one_redis_that_leads_to_a_node_of_a_cluster(cluster: RedisCluster) -> None:
    why = await refused(url_of(cluster, cluster.ports[0]))
    assert "is a node of a cluster" in why
    assert "Begin the URL with redis+cluster://" in why


async def test_more_replicas_than_there_are_nodes(cluster: RedisCluster) -> None:
    why = await refused(cluster.url, replicas=2)
    assert "2 replicas are to confirm each entry, and the cluster has 0 nodes besides its 3 primaries" in why


@pytest.mark.parametrize("command", ["HSETEX", "SPUBLISH", "SSUBSCRIBE"])
async def test_a_redis_that_lacks_a_command(cluster: RedisCluster, alone: str, command: str) -> None:
    """As Redis 7 lacks HSETEX, and older ones what is sharded."""
    await asyncio.to_thread(begin, cluster, f"--rename-command {command} ''")
    why = await refused(alone)
    assert f"which has no {command}." in why
    assert "Expected is Redis 8 or newer, or Valkey 9 or newer" in why


@pytest.mark.parametrize(
    ("right", "words"),
    [
        ("-hsetex", "refuses HSETEX"),
        ("-info", "refuses INFO"),
        ("-eval", "refuses EVAL"),
        ("-ssubscribe", "refuses SSUBSCRIBE"),
        ("resetkeys ~other:*", "'test-wrong:'"),
        ("resetchannels &other:*", "'test-wrong:'"),
    ],
)
async def test_a_right_that_the_user_lacks(cluster: RedisCluster, alone: str, right: str, words: str) -> None:
    cluster.cli(ALONE, f"ACL SETUSER worker reset on '>secret' '~*' '&*' +@all {_quoted(right)}")
    why = await refused(url_of(cluster, ALONE, "worker:secret@"))
    assert words in why
    assert "ACL SETUSER" in why


def _quoted(words: str) -> str:
    return " ".join(f"'{word}'" for word in words.split())


async def test_a_right_that_only_a_cluster_takes(cluster: RedisCluster) -> None:
    for port in cluster.ports:
        cluster.cli(port, "ACL SETUSER worker on '>secret' '~*' '&*' +@all -cluster")
    why = await refused(cluster.url.replace("://", "://worker:secret@"))
    assert "refuses CLUSTER NODES" in why


async def test_a_cluster_that_is_created_later_is_waited_for(
    cluster: RedisCluster,
) -> None:
    partly = "--cluster-enabled yes --cluster-config-file alone.conf --cluster-require-full-coverage no"
    await asyncio.to_thread(begin, cluster, partly)
    async with started(url_of(cluster, ALONE, scheme="redis+cluster")) as relay:
        await soon(lambda: "create the cluster first" in str(relay.problem()), what="the worker says why")
        cluster.cli(ALONE, "CLUSTER ADDSLOTSRANGE 0 8191")
        await soon(lambda: relay.problem() is None, what="the worker is ready")
        assert relay.lacks() == ["8192 of 16384 slots have no primary: their rooms are unavailable"]
        cluster.cli(ALONE, "CLUSTER ADDSLOTSRANGE 8192 16383")
        await soon(lambda: relay.lacks() == [], what="nothing is lacking")
        await serves(relay)
    cluster.sh("kill -KILL $(cat /data/alone/pid); rm -f /data/alone/alone.conf")


async def test_what_is_wrong_turns_out_when_redis_answers(cluster: RedisCluster, alone: str) -> None:
    """The worker goes on, and is not ready until that has changed."""
    cluster.sh("kill -STOP $(cat /data/alone/pid)")
    async with started(alone.replace("redis://", "redis+cluster://")) as relay:
        assert "does not know the cluster's nodes" in str(relay.problem())
        cluster.sh("kill -CONT $(cat /data/alone/pid)")
        await soon(lambda: "is one Redis alone" in str(relay.problem()), what="the worker says why")
