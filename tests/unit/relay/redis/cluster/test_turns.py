"""Requests of one slot are done in the order in which they were made, whatever happens to the slot."""

import asyncio

import pytest
from relay.log.log import LogUnavailable
from relay.redis.bus import Bus
from relay.redis.cluster.bus import ClusterBus
from relay.redis.cluster.link import ClusterLink
from relay.redis.names import Names
from relay.redis.partitions import slot_of

from tests.support.waiting import soon
from tests.unit.relay.redis.cluster.fake_cluster import HALF, KEYS, Cluster, asked, config_epoch, linked


async def test_requests_of_one_slot_keep_their_order_while_it_moves(
    cluster: Cluster, link: ClusterLink
) -> None:
    """Those that are sent again do not fall behind those that were made later."""
    key = next(key for key in KEYS if slot_of(key) < HALF)
    asking: list[asyncio.Task[list[bytes]]] = []
    for number in range(300):
        asking.append(asyncio.create_task(link.send(("SET", key, str(number)))))
        if number % 10 == 0:
            await asyncio.sleep(0.002)
        if number in (60, 180):
            owner = cluster.owner_of_first_half = 1 - cluster.owner_of_first_half
            cluster.epochs[owner] = max(cluster.epochs) + 1
    await asyncio.gather(*asking)
    assert cluster.written == [str(number).encode() for number in range(300)]


async def test_what_is_on_its_way_to_the_old_node_of_a_slot_is_not_overtaken(
    cluster: Cluster, link: ClusterLink
) -> None:
    """A request that is made once the new node is known waits until the older ones came back."""
    await asked(link)
    key = next(key for key in KEYS if slot_of(key) < HALF)
    cluster.slow[0] = asyncio.Event()
    first = asyncio.create_task(link.send(("SET", key, "first")))
    await asyncio.sleep(0)
    cluster.owner_of_first_half, cluster.epochs = 1, [1, 3]
    link.learn()
    await soon(lambda: config_epoch(link, key) == "3", what="the topology is learned")
    second = asyncio.create_task(link.send(("SET", key, "second")))
    await asyncio.wait([second], timeout=0.2)
    cluster.slow[0].set()
    assert [*await asyncio.gather(first, second)] == [[b"1"], [b"1"]]
    assert cluster.written == [b"first", b"second"]


async def test_what_waits_behind_a_refused_request_does_not_overtake_it(
    cluster: Cluster, link: ClusterLink
) -> None:
    """It was to be sent with the next batch, and the node has the slot again by then."""
    await asked(link)
    key = next(key for key in KEYS if slot_of(key) < HALF)
    cluster.slow[0] = asyncio.Event()
    first = asyncio.create_task(link.send(("SET", key, "first")))
    await soon(lambda: cluster.waits, what="the first is on its way")
    second = asyncio.create_task(link.send(("SET", key, "second")))
    await asyncio.sleep(0)
    cluster.down = 1
    cluster.slow[0].set()
    await asyncio.gather(first, second)
    assert cluster.written == [b"first", b"second"]


async def test_who_gives_up_keeps_nobody_waiting(cluster: Cluster, link: ClusterLink) -> None:
    """Neither while a request is on its way, nor while it waits to be sent again."""
    await asked(link)
    key = next(key for key in KEYS if slot_of(key) < HALF)
    cluster.away = {0}
    lost = [asyncio.create_task(link.send(("SET", key, str(number)))) for number in range(3)]
    await asyncio.sleep(0)
    for task in lost:
        task.cancel()
    cluster.away, cluster.owner_of_first_half, cluster.epochs = set(), 1, [1, 3]
    link.learn()
    await soon(lambda: config_epoch(link, key) == "3", what="the topology is learned")
    assert await link.send(("SET", key, "x")) == [b"1"]
    assert link._turns.idle()


async def test_each_shard_is_counted_by_itself(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """And all together as well. No probe is sent here, so both are away."""
    monkeypatch.setattr(Bus, "run", lambda self: asyncio.Event().wait())
    link = linked(cluster, replicas=2)
    bus = ClusterBus(link._connect_to, link, Names("p:"), "worker", lambda *_: None, lambda _: None)
    assert bus.stats() == ([], 2, 0)
    running = asyncio.create_task(bus.run())
    await asked(link)
    answered = [sum(shard.exchanges.counts) for shard in bus.stats().shards]
    cluster.away = {1}
    silent = [key for key in KEYS if slot_of(key) >= HALF]
    with pytest.raises(LogUnavailable):
        await link.send(("GET", silent[0]))
    well, lost = bus.stats().shards
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await link.close()
    assert [well.address, lost.address] == [f"127.0.0.1:{cluster.port(number)}" for number in (0, 1)]
    assert (well.failures, lost.failures) == (0, 1) == (0, link.failures)
    assert [sum(shard.exchanges.counts) for shard in (well, lost)] == answered
    assert min(answered) > 0
    assert sum(answered) == sum(link.exchanges.counts)
    assert (well.away, lost.away, well.replicas) == (True, True, 0)


async def test_what_the_cluster_lacks_is_told_while_it_lacks_it(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    link = linked(cluster, replicas=1)
    await asked(link)
    assert len(link.lacks) == 2
    assert "has 0 replicas, and 1 are to confirm each entry: its rooms take none" in link.lacks[0]
    link.learn()
    cluster.replicas, cluster.epochs = 1, [3, 4]
    await soon(lambda: not link.lacks, what="each has a replica")
    await link.close()
    assert len([message for message in caplog.messages if "is not whole" in message]) == 2, "once"
