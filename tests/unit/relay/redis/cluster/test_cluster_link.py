"""The link to a cluster sends each request to the node that has its slot, also when that changes."""

import asyncio
from contextlib import suppress

import pytest
from relay.log.log import LogUnavailable
from relay.redis.cluster.learner import LEARN_EVERY
from relay.redis.cluster.link import ClusterLink
from relay.redis.cluster.nodes import nodes_of
from relay.redis.partitions import slot_of

from tests.support.waiting import PATIENCE, soon
from tests.unit.relay.redis.cluster.fake_cluster import HALF, KEYS, Cluster, asked, linked


async def test_each_command_goes_to_the_node_that_has_its_slot(link: ClusterLink) -> None:
    """The replies come in the order of the commands."""
    assert await asked(link) == [b"0" if slot_of(key) < HALF else b"1" for key in KEYS]


async def test_a_slot_that_moved_is_found_where_it_is(cluster: Cluster, link: ClusterLink) -> None:
    await asked(link)
    cluster.owner_of_first_half = 1
    assert await asked(link) == [b"1"] * len(KEYS)
    shards = link.all_shards()
    assert [shard.address[1] for shard in shards] == [cluster.port(1)]


async def test_who_listens_is_told_that_a_slot_moved(cluster: Cluster, link: ClusterLink) -> None:
    await asked(link)
    told: list[int] = []
    link.changed.append(lambda: told.append(len(link.all_shards())))
    link.learn()
    await asyncio.sleep(2 * LEARN_EVERY)
    assert told == []
    cluster.owner_of_second_half, cluster.epochs = 0, [3, 2]
    link.learn()
    await soon(lambda: told == [1], what="the move is told")


async def test_an_older_topology_changes_nothing(
    cluster: Cluster, link: ClusterLink, caplog: pytest.LogCaptureFixture
) -> None:
    """A node that was cut off still believes in it."""
    cluster.epochs = [8, 9]
    await asked(link)
    cluster.epochs, cluster.owner_of_first_half = [1, 2], 1
    link.learn()
    await soon(lambda: "last failover" in link.trouble, what="it was asked")
    assert [shard.address[1] for shard in link.all_shards()] == [cluster.port(0), cluster.port(1)]


async def test_a_node_that_is_silent_costs_the_slots_of_others_nothing(
    cluster: Cluster, link: ClusterLink
) -> None:
    await asked(link)
    cluster.away = {1}
    here, there = (next(key for key in KEYS if (slot_of(key) < HALF) == first) for first in (True, False))
    silent = asyncio.create_task(link.send(("GET", there)))
    assert await asyncio.wait_for(link.send(("GET", here)), 0.5) == [b"0"]
    with pytest.raises(LogUnavailable):
        await silent


async def test_while_no_node_answers_requests_fail_in_time(cluster: Cluster, link: ClusterLink) -> None:
    cluster.away = {0, 1}
    async with asyncio.timeout(2):
        with pytest.raises(LogUnavailable, match="No node of the cluster"):
            await link.send(("GET", "key"))


@pytest.mark.parametrize(("replicas", "on_disk", "done"), [(0, 0, True), (2, 2, True), (2, 1, False)])
async def test_a_write_is_done_when_so_many_replicas_have_it_on_disk(
    cluster: Cluster, replicas: int, on_disk: int, done: bool
) -> None:
    """What is only read is answered whatever they have."""
    cluster.on_disk = on_disk
    link = linked(cluster, replicas)
    reading = asyncio.create_task(link.send(("GET", "key")))
    writing = asyncio.create_task(link.send(("SET", "key", "x")))
    await asyncio.wait([reading, writing])
    await link.close()
    assert reading.result() in ([b"0"], [b"1"])
    error = writing.exception()
    assert (error is None) == done
    if not done:
        assert f"Of {replicas} replicas only {on_disk}" in str(error)


async def test_a_topology_that_comes_in_pieces_is_read(cluster: Cluster, link: ClusterLink) -> None:
    cluster.in_pieces = True
    assert len(await asked(link)) == len(KEYS)


async def test_a_write_that_a_replaced_primary_refuses_goes_to_the_new_one(cluster: Cluster) -> None:
    """Though nobody can confirm at the old one what was not written."""
    link = linked(cluster, replicas=2)
    key = next(key for key in KEYS if slot_of(key) < HALF)
    assert await link.send(("SET", key, "x")) == [b"0"]
    cluster.owner_of_first_half, cluster.demoted, cluster.epochs = 1, 0, [1, 3]
    assert await link.send(("SET", key, "x")) == [b"1"]
    await link.close()


async def test_a_node_that_is_cut_off_is_not_believed(cluster: Cluster) -> None:
    """It answers still, and tells what was."""
    old = cluster.said()
    cluster.cut_off = {0: old}
    cluster.owner_of_first_half, cluster.epochs = 1, [1, 3]
    nodes = nodes_of(f"redis+cluster://127.0.0.1:{cluster.port(0)},127.0.0.1:{cluster.port(1)}")
    for _ in range(10):
        link = ClusterLink(nodes.connect_to, nodes.seeds)
        assert await answered(link) == [b"1"] * len(KEYS)
        await link.close()


async def answered(link: ClusterLink) -> list[bytes]:
    """The same as `asked`, however busy the machine: an answer that comes late is asked for again."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(LogUnavailable):
                return await asked(link)


async def test_who_is_told_that_the_cluster_is_down_asks_again(cluster: Cluster, link: ClusterLink) -> None:
    await asked(link)
    cluster.down = 3
    assert await link.send(("GET", KEYS[0])) in ([b"0"], [b"1"])
