"""What is done to the hosts and to the stack on them, and how it is undone."""

from abc import ABC, abstractmethod
from random import Random

from tests.machines.cluster import Cluster
from tests.machines.hosts import Host
from tests.machines.swarm import WORKERS, Swarm

LOST = 30.0
"""Seconds for which a host is away. After 20 at most Swarm runs its workers elsewhere."""
REDIS_LOST = 15.0
"""Seconds for which the host of the one Redis is away: meanwhile nobody gets an answer, wherever."""
CALM = 30.0
"""Seconds without any fault, to compare with."""
SLOTS = 300
"""How many are moved: of 256 partitions, about five."""


class Fault(ABC):
    name: str
    lasts: float = 0.0
    """Seconds between inject and undo."""

    def prepare(self, swarm: Swarm, chance: Random) -> None:
        """Choose what is done, before its time begins."""
        del swarm, chance

    def loses(self, swarm: Swarm) -> Host | None:
        """Return the host whose clients will have to go elsewhere, if it is one."""
        return None

    @abstractmethod
    def inject(self, swarm: Swarm) -> None: ...

    @abstractmethod
    def undo(self, swarm: Swarm) -> None: ...


class Nothing(Fault):
    """How all is while nothing happens."""

    name = "nothing, to compare with"
    lasts = CALM

    def inject(self, swarm: Swarm) -> None:
        pass

    def undo(self, swarm: Swarm) -> None:
        pass


class HostLost(Fault):
    """Any host is lost; with one Redis, any other than its own."""

    lasts = LOST
    host: Host

    def prepare(self, swarm: Swarm, chance: Random) -> None:
        others = swarm.hosts if isinstance(swarm.data, Cluster) else swarm.hosts[1:]
        self.host = chance.choice(list(others))

    def loses(self, swarm: Swarm) -> Host:
        return self.host


class Killed(HostLost):
    """Its power fails, and it is switched on again."""

    name = "a host killed, and back"

    def inject(self, swarm: Swarm) -> None:
        self.host.kill()

    def undo(self, swarm: Swarm) -> None:
        self.host.revive()


class Cut(HostLost):
    """It loses its network, and has it again."""

    name = "a host cut off, and back"

    def inject(self, swarm: Swarm) -> None:
        self.host.cut()

    def undo(self, swarm: Swarm) -> None:
        self.host.rejoin()


class PrimaryKilled(Killed):
    name = "a primary's host killed, and back"


class PrimaryCut(Cut):
    name = "a primary's host cut off, and back"


class ReplicasKilled(Killed):
    """The primary there changes places with a replica before."""

    name = "a host of replicas killed, and back"

    def prepare(self, swarm: Swarm, chance: Random) -> None:
        super().prepare(swarm, chance)
        cluster_of(swarm).give_away(swarm, self.host)


class ReplicasCut(Cut):
    """The primary there changes places with a replica before."""

    name = "a host of replicas cut off, and back"

    def prepare(self, swarm: Swarm, chance: Random) -> None:
        super().prepare(swarm, chance)
        cluster_of(swarm).give_away(swarm, self.host)


class SlotsMoved(Fault):
    """From one shard to another one, and back."""

    name = f"{SLOTS} slots moved, and back"

    def inject(self, swarm: Swarm) -> None:
        cluster_of(swarm).move_slots(swarm, SLOTS)

    def undo(self, swarm: Swarm) -> None:
        cluster_of(swarm).balance(swarm)


class ShardsAdded(Fault):
    """Half of all slots move to three more shards. They stay."""

    name = "three shards added"

    def inject(self, swarm: Swarm) -> None:
        cluster_of(swarm).add_shards(swarm)

    def undo(self, swarm: Swarm) -> None:
        pass


class RedisKilled(Fault):
    """The host with the one Redis loses its power: all wait until it is back."""

    name = "the host of Redis killed, and back"
    lasts = REDIS_LOST

    def inject(self, swarm: Swarm) -> None:
        swarm.first.kill()

    def undo(self, swarm: Swarm) -> None:
        swarm.first.revive()


class Scaled(Fault):
    """Three workers more, then three less."""

    name = f"workers scaled {WORKERS} to {WORKERS + 3} to {WORKERS}"

    def inject(self, swarm: Swarm) -> None:
        swarm.scale(WORKERS + 3)

    def undo(self, swarm: Swarm) -> None:
        swarm.scale(WORKERS)


class RolledOut(Fault):
    """Each worker is replaced. It also spreads them over all hosts again: Swarm moves none by itself."""

    name = "workers rolled out"

    def inject(self, swarm: Swarm) -> None:
        swarm.roll_out()

    def undo(self, swarm: Swarm) -> None:
        swarm.wait_until_rolled_out()


OF_ONE_REDIS: tuple[type[Fault], ...] = (Killed, Cut, RedisKilled, Scaled, RolledOut)
OF_A_CLUSTER: tuple[type[Fault], ...] = (
    PrimaryKilled,
    PrimaryCut,
    ReplicasKilled,
    ReplicasCut,
    SlotsMoved,
    Scaled,
    RolledOut,
)


def plan(chance: Random, rounds: int, *, cluster: bool) -> list[Fault]:
    """Return each kind so many times, in any order; at first nothing, and at last what can't be undone."""
    kinds = OF_A_CLUSTER if cluster else OF_ONE_REDIS
    faults = [kind() for _ in range(rounds) for kind in kinds]
    chance.shuffle(faults)
    return [Nothing(), *faults, *([ShardsAdded()] if cluster else [])]


def cluster_of(swarm: Swarm) -> Cluster:
    assert isinstance(swarm.data, Cluster)
    return swarm.data
