"""What is done to the hosts and to the stack on them, and how it is undone."""

from abc import ABC, abstractmethod
from random import Random

from tests.machines.hosts import Host
from tests.machines.swarm import WORKERS, Swarm

LOST = 40.0
"""Seconds for which a host is away. After 20 at most Swarm runs its workers elsewhere."""
REDIS_LOST = 15.0
"""Seconds for which the host of Redis is away: meanwhile nobody gets an answer, wherever."""


class Fault(ABC):
    name: str
    lasts: float = 0.0
    """Seconds between inject and undo."""

    def loses(self, swarm: Swarm) -> Host | None:
        """Return the host whose clients will have to go elsewhere, if it is one."""
        return None

    @abstractmethod
    def inject(self, swarm: Swarm) -> None: ...

    @abstractmethod
    def undo(self, swarm: Swarm) -> None: ...


class HostLost(Fault):
    """A host without Redis is lost: that which runs the most workers."""

    lasts = LOST
    host: Host

    def loses(self, swarm: Swarm) -> Host:
        others = [host for host in swarm.hosts if host is not swarm.of_redis]
        self.host = max(others, key=lambda host: len(swarm.routes_on(host)))
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


class RedisKilled(Fault):
    """The host with Redis loses its power: there is one Redis, so all wait until it is back."""

    name = "the host of Redis killed, and back"
    lasts = REDIS_LOST

    def inject(self, swarm: Swarm) -> None:
        swarm.of_redis.kill()

    def undo(self, swarm: Swarm) -> None:
        swarm.of_redis.revive()


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


def plan(seed: int, rounds: int) -> list[Fault]:
    """Each kind so many times, in an order that the seed decides."""
    faults: list[Fault] = []
    for _ in range(rounds):
        faults += [Killed(), Cut(), RedisKilled(), Scaled(), RolledOut()]
    Random(seed).shuffle(faults)
    return faults
