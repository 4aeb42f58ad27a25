"""A cluster of two nodes that are no Redis, and what may happen to it."""

import asyncio

from relay.redis.cluster.link import ClusterLink
from relay.redis.cluster.nodes import nodes_of
from relay.redis.partitions import SLOTS, slot_of

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


def linked(cluster: Cluster, replicas: int = 0) -> ClusterLink:
    nodes = nodes_of(f"redis+cluster://127.0.0.1:{cluster.port(0)}")
    return ClusterLink(nodes.connect_to, nodes.seeds, replicas)


async def asked(link: ClusterLink) -> list[bytes]:
    return [*await link.send(*(("GET", key) for key in KEYS))]


def config_epoch(link: ClusterLink, key: str) -> str:
    """What the link knows of the node that has a key."""
    shard = link.shard_of(key)
    return shard.id.split()[1] if shard is not None else ""
