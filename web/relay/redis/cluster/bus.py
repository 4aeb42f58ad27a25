"""The bus of a worker on a cluster: one bus to each primary, for the channels whose slots it has.

When a slot gets another primary, its channels are subscribed there. `subscribed` is called then, as after any
new subscription, so that what was missed is looked for. A shard that is away costs the rooms of other shards
nothing: the worker is ready while it hears itself through any of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from relay.log.log import LogUnavailable
from relay.redis.bus import Bus
from relay.redis.cluster.learner import ConnectTo
from relay.redis.cluster.link import ClusterLink
from relay.redis.cluster.stats import ClusterStats, ShardStats
from relay.redis.names import Names
from relay.redis.shards import Shard

LEARN = 1.0
"""Seconds between two questions for the topology. So a worker that nothing told of a failover, or of a slot
that moved, notices it that much later."""


class ClusterBus:
    def __init__(
        self,
        connect_to: ConnectTo,
        link: ClusterLink,
        names: Names,
        worker: str,
        received: Callable[[str, bytes], None],
        subscribed: Callable[[str], None],
    ) -> None:
        """As of Bus. `worker`: this worker's id."""
        self._connect_to = connect_to
        self._link = link
        self._names = names
        self._worker = worker
        self._received = received
        self._subscribed = subscribed
        self._wanted: set[str] = set()
        self._buses: dict[_Place, Bus] = {}
        self._running: dict[Bus, asyncio.Task[None]] = {}
        link.changed.append(self._arrange)

    def subscribe(self, channel: str) -> None:
        """As of Bus."""
        self._wanted.add(channel)
        if (bus := self._bus_of(channel)) is not None:
            bus.subscribe(channel)

    def unsubscribe(self, channel: str) -> None:
        """As of Bus."""
        self._wanted.discard(channel)
        if (bus := self._bus_of(channel)) is not None:
            bus.unsubscribe(channel)

    def silent_for(self) -> float:
        """Return the seconds since the worker received its own probe through the shard that is silent
        longest; 0 if it knows none."""
        return max((bus.silent_for() for bus in self._buses.values()), default=0.0)

    def problem(self) -> str | None:
        """Return why this worker can't serve any room, in one sentence; None if it can serve some."""
        if self._link.wrong is not None:
            return self._link.wrong
        problems = [bus.problem() for bus in self._buses.values()]
        if not problems:
            return f"the worker does not know the cluster's nodes: {self._link.trouble}"
        if not all(problems):
            return None
        # A cluster that has to be whole serves nothing while slots are missing, and says that it is down.
        return "; ".join([str(problems[0]), *self._link.lacks])

    def away(self) -> list[str]:
        """Return the addresses of the primaries through which this worker does not hear itself."""
        return [
            f"{place.address[0]}:{place.address[1]}"
            for place, bus in self._buses.items()
            if bus.problem() is not None
        ]

    def lacks(self) -> list[str]:
        """Return what the cluster lacks, one sentence each: slots, or replicas."""
        return self._link.lacks

    def stats(self) -> ClusterStats:
        """Return how each shard is."""
        topology = self._link.topology
        primaries = topology.primaries if topology is not None else ()
        replicas = {(primary.host, primary.port): primary.replicas for primary in primaries}
        shards = []
        for shard in self._link.all_shards():
            bus, (host, port) = self._buses[self._place(shard)], shard.address
            away, exchanges = bus.problem() is not None, shard.link.exchanges
            shards.append(
                ShardStats(f"{host}:{port}", away, replicas[shard.address], exchanges, shard.link.failures)
            )
        return ClusterStats(shards, self._link.replicas, topology.missing if topology is not None else 0)

    async def receive_all(self) -> None:
        """As of Bus, from every shard that answers."""
        asking = [bus.receive_all() for bus in self._buses.values() if bus.problem() is None]
        for error in await asyncio.gather(*asking, return_exceptions=True):
            if error is not None and not isinstance(error, (TimeoutError, LogUnavailable)):
                raise error

    async def run(self) -> None:
        """Stay connected until cancelled."""
        try:
            while True:
                self._link.learn()
                await asyncio.sleep(LEARN)
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    def _bus_of(self, channel: str) -> Bus | None:
        shard = self._link.shard_of(channel)
        return self._buses.get(self._place(shard)) if shard is not None else None

    def _place(self, shard: Shard) -> _Place:
        return _Place(shard.address, shard.first)

    def _arrange(self) -> None:
        """Have a bus to each shard there is, and on each the channels that belong to it."""
        shards = {self._place(shard): shard for shard in self._link.all_shards()}
        for gone in self._buses.keys() - shards.keys():
            self._running.pop(self._buses.pop(gone)).cancel()
        for place in shards.keys() - self._buses.keys():
            bus = self._buses[place] = self._begin(shards[place])
            self._running[bus] = asyncio.create_task(bus.run())
        wanted: dict[Bus, set[str]] = {bus: set() for bus in self._buses.values()}
        for channel in self._wanted:
            if (wanting := self._bus_of(channel)) is not None:
                wanted[wanting].add(channel)
        for bus, channels in wanted.items():
            bus.want(channels)

    def _begin(self, shard: Shard) -> Bus:
        place = self._place(shard)
        return Bus(
            self._connect_to(*place.address),
            shard.link,
            self._names.partition(place.first).probe(self._worker),
            self._names.control if place.first == 0 else None,
            self._received,
            self._subscribed,
        )


class _Place(NamedTuple):
    """Where a bus is connected to. One of another place is another bus, which subscribes anew. `first`: the
    lowest partition there. That of partition 0 has the control channel too, which any node would carry."""

    address: tuple[str, int]
    first: int
