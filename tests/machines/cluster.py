"""The rooms in a Redis Cluster: created, mended and restored by the commands of docs/many-machines.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from relay.redis.cluster.topology import Topology
from relay.redis.names import Names
from relay.redis.partitions import slot_of, tag_of

from tests.machines import page
from tests.machines.hosts import NETWORK, Host
from tests.machines.page import block
from tests.machines.swarm import Swarm
from tests.support.waiting import eventually

SHARDS = 3
REPLICAS = 2
"""Of each shard."""


class Cluster:
    """Three shards with a node on each host."""

    prepared = (page.LABEL_CLUSTER, page.SECRET_OF_CLUSTER)
    settings = page.SETTINGS_OF_CLUSTER
    deployed = page.DEPLOY_CLUSTER

    def __init__(self) -> None:
        self.shards = SHARDS

    @property
    def services(self) -> Mapping[str, str]:
        runs = {f"redis-{number}": "3/3" if number <= self.shards else "0/0" for number in range(1, 7)}
        return {"redis": "0/0", **runs}

    def create(self, swarm: Swarm) -> None:
        swarm.run(page.REACH, page.REPLICAS, page.CREATE)

    def spread(self, swarm: Swarm) -> None:
        """Have each shard's primary where it was made."""
        swarm.run(page.REACH, page.SPREAD)
        eventually(lambda: self._is_spread(swarm), within=30, what="the primaries are where they were made")

    def wait_until_whole(self, swarm: Swarm) -> None:
        eventually(lambda: self._all_copy(swarm), within=120, what="all nodes are there, and copy")
        self.spread(swarm)

    def restore(self, swarm: Swarm) -> None:
        swarm.run(page.REACH, page.BACK_UP_CLUSTER)
        swarm.run(page.REACH, page.RESTORE_CLUSTER)

    def add_shards(self, swarm: Swarm) -> None:
        """Three more, to which slots move."""
        self.shards = 2 * SHARDS
        swarm.first.sh(f"cat >>.env <<'END'\n{block(page.MORE_SHARDS)}END")
        swarm.bring_up()
        swarm.wait_for_services()
        swarm.run(page.REACH, page.REPLICAS, page.ADD_SHARDS)

    def topology(self, swarm: Swarm) -> Topology:
        """As a host that is there knows it."""
        return Topology.of(self._nodes(swarm.there), "")

    def move_slots(self, swarm: Swarm, slots: int) -> None:
        """Move so many from one shard to another one."""
        source, to, *_ = self.topology(swarm).primaries
        self._redis(
            swarm.there,
            f"--cluster reshard {source.address} --cluster-from {source.id} --cluster-to {to.id}"
            f" --cluster-slots {slots} --cluster-yes",
        )

    def balance(self, swarm: Swarm) -> None:
        """Have as many slots in each shard."""
        self._redis(
            swarm.there,
            f"--cluster rebalance {self.topology(swarm).primaries[0].address} --cluster-threshold 1",
        )

    def give_away(self, swarm: Swarm, host: Host) -> None:
        """Have no primary on a host."""
        for primary in self.topology(swarm).primaries:
            if primary.host == host.address:
                other = next(each for each in swarm.hosts if each is not host)
                self._redis(swarm.there, f"-h {other.address} -p {primary.port} cluster failover")
        eventually(lambda: not self.primaries_on(swarm, host), within=30, what=f"{host.name} has no primary")

    def primaries_on(self, swarm: Swarm, host: Host) -> int:
        return sum(primary.host == host.address for primary in self.topology(swarm).primaries)

    def rooms(self, swarm: Swarm, rooms: Sequence[str]) -> dict[str, list[str]]:
        """Return the rooms of each shard, by its primary's address."""
        topology = self.topology(swarm)
        found: dict[str, list[str]] = defaultdict(list)
        for room in rooms:
            owner = topology.owner(slot_of(tag_of(Names("tertulia:").of(room).log)))
            assert owner is not None
            found[owner.address].append(room)
        return found

    def _is_spread(self, swarm: Swarm) -> bool:
        wanted = {f"{NETWORK}.{11 + shard % 3}:{6379 + shard}" for shard in range(SHARDS)}
        return wanted <= {primary.address for primary in self.topology(swarm).primaries}

    def _all_copy(self, swarm: Swarm) -> bool:
        nodes = self._nodes(swarm.there).splitlines()
        topology = self.topology(swarm)
        here = [
            f"-h {host.address} -p {6379 + shard}" for host in swarm.hosts for shard in range(self.shards)
        ]
        links = [self._redis(swarm.there, f"{node} info replication") for node in here]
        return (
            len(nodes) == len(here)
            and not any("fail" in node or "disconnected" in node for node in nodes)
            and len(topology.primaries) == self.shards
            and sum("master_link_status:up" in link for link in links) == REPLICAS * self.shards
        )

    def _nodes(self, host: Host) -> str:
        return self._redis(host, "cluster nodes")

    def _redis(self, host: Host, arguments: str) -> str:
        return host.sh(f"{block(page.REACH)}\nredis {arguments}")
