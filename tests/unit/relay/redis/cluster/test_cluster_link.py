"""The link to a cluster sends each request to the node that has its slot, also when that changes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from relay.log.log import LogUnavailable
from relay.redis.bus import Bus
from relay.redis.cluster.bus import ClusterBus
from relay.redis.cluster.learner import LEARN_EVERY
from relay.redis.cluster.link import ClusterLink
from relay.redis.cluster.nodes import nodes_of
from relay.redis.names import Names
from relay.redis.partitions import SLOTS, slot_of

from tests.support.waiting import soon
from tests.unit.relay.redis.fake_redis import Command, FakeRedis, Visitor, bulk

HALF = SLOTS // 2
KEYS = [f"key {number}" for number in range(20)]


class Cluster:
    """Two nodes. Each answers a GET with its own number, and has the slots that `owners` says."""

    def __init__(self) -> None:
        self.nodes: list[FakeRedis] = []
        self.owner_of_first_half, self.owner_of_second_half = 0, 1
        self.epochs = [1, 2]
        self.on_disk = 2
        self.demoted: int | None = None
        self.away: set[int] = set()
        self.cut_off: dict[int, str] = {}
        """What nodes that are cut off from the others say of the cluster."""
        self.in_pieces = False
        self.written: list[bytes] = []
        """What was set, in its order."""
        self.slow: dict[int, asyncio.Event] = {}
        """Nodes that do nothing that is to be written until something happens."""
        self.replicas = 0
        self.waits = False
        """Whether a slow node has something to write."""
        self.down = 0
        """How many commands are answered that the cluster is down."""

    async def answer(self, visitor: Visitor, commands: list[Command]) -> None:
        number = next(n for n, node in enumerate(self.nodes) if visitor in node.visitors)
        if number in self.away:
            return
        for name, *words in commands:
            if name == b"SET" and number in self.slow:
                self.waits = True
                await self.slow[number].wait()
            reply = self._reply(number, name, words)
            if self.in_pieces:
                visitor.say(reply[:20])
                await asyncio.sleep(0.02)
                reply = reply[20:]
            visitor.say(reply)

    def _reply(self, number: int, name: bytes, words: list[bytes]) -> bytes:
        match name:
            case b"CLUSTER":
                return bulk(self.cut_off.get(number, self.said()).encode())
            case b"WAIT":
                return b":%d\r\n" % self.on_disk
            case b"WAITAOF" if number == self.demoted:
                return b"-ERR WAITAOF cannot be used with replica instances\r\n"
            case b"WAITAOF":
                return b"*2\r\n:1\r\n:%d\r\n" % self.on_disk
        if self.down:
            self.down -= 1
            return b"-CLUSTERDOWN The cluster is down\r\n"
        slot = slot_of(words[0].decode())
        owner = self.owner_of_first_half if slot < HALF else self.owner_of_second_half
        if owner != number:
            return b"-MOVED %d 127.0.0.1:%d\r\n" % (slot, self.port(owner))
        if name == b"SET":
            self.written.append(words[1])
        return bulk(b"%d" % number)

    def port(self, number: int) -> int:
        return int(self.nodes[number].url.rpartition(":")[2])

    def said(self) -> str:
        """What CLUSTER NODES answers."""
        slots: list[list[str]] = [[], []]
        slots[self.owner_of_first_half].append(f"0-{HALF - 1}")
        slots[self.owner_of_second_half].append(f"{HALF}-{SLOTS - 1}")
        return "".join(
            f"node-{n} 127.0.0.1:{self.port(n)}@1 master - 0 0 {self.epochs[n]} connected "
            f"{' '.join(slots[n])}\n"
            + f"replica-{n} 127.0.0.1:1@1 slave node-{n} 0 0 {self.epochs[n]} connected\n"
            * self.replicas
            for n in range(2)
        )


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


def linked(cluster: Cluster, replicas: int = 0) -> ClusterLink:
    nodes = nodes_of(f"redis+cluster://127.0.0.1:{cluster.port(0)}")
    return ClusterLink(nodes.connect_to, nodes.seeds, replicas)


async def asked(link: ClusterLink) -> list[bytes]:
    return [*await link.send(*(("GET", key) for key in KEYS))]


def config_epoch(link: ClusterLink, key: str) -> str:
    """What the link knows of the node that has a key."""
    shard = link.shard_of(key)
    return shard.id.split()[1] if shard is not None else ""


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
        assert await asked(link) == [b"1"] * len(KEYS)
        await link.close()


async def test_who_is_told_that_the_cluster_is_down_asks_again(cluster: Cluster, link: ClusterLink) -> None:
    await asked(link)
    cluster.down = 3
    assert await link.send(("GET", KEYS[0])) in ([b"0"], [b"1"])


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
    counts = [sum(shard.exchanges.counts) for shard in (well, lost)]
    assert min(counts) == 1
    assert sum(counts) == sum(link.exchanges.counts)
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
