"""The topology of a cluster: which primary has which hash slots, as one of its nodes says (CLUSTER NODES:
https://redis.io/docs/latest/commands/cluster-nodes/)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from relay.redis.partitions import SLOTS


@dataclass(frozen=True)
class Primary:
    """`epoch`: its config epoch. It grows when this node takes over from another one or gets slots of it, and
    no two primaries have the same. `replicas`: how many of its replicas are connected."""

    id: str
    host: str
    port: int
    epoch: int
    slots: tuple[range, ...]
    replicas: int

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Topology:
    """`epoch`: the latest config epoch of its primaries. It grows with each failover, and with slots that
    move: who gets them gets a new one. `others`: how many nodes have no slots, also those that are away."""

    epoch: int
    primaries: tuple[Primary, ...]
    others: int
    _owners: tuple[Primary | None, ...] = field(repr=False)

    @classmethod
    def of(cls, nodes: str, asked: str, *, by_name: bool = False) -> Topology:
        """Return what an answer to CLUSTER NODES says. `asked`: the host that gave it, which may not know its
        own address. `by_name`: whether nodes have the names that they announce in place of addresses."""
        rows = [line.split() for line in nodes.splitlines() if line.strip()]
        replicas: dict[str, int] = {}
        for row in rows:
            if row[3] != "-" and "fail" not in row[2] and row[7] == "connected":
                replicas[row[3]] = replicas.get(row[3], 0) + 1
        primaries = []
        for id, address, flags, _, _, _, epoch, _, *slots in rows:
            # Slots in brackets are on their way, and belong to this node until they have arrived.
            ranges = tuple(_range(each) for each in slots if not each.startswith("["))
            if "master" in flags.split(",") and ranges:
                place, _, announced = address.partition("@")
                host, port = place.rsplit(":", 1)
                if by_name:
                    host = announced.partition(",")[2].partition(",")[0] or host
                primaries.append(
                    Primary(id, host or asked, int(port), int(epoch), ranges, replicas.get(id, 0))
                )
        owners: list[Primary | None] = [None] * SLOTS
        for primary in primaries:
            for slots_in_a_row in primary.slots:
                owners[slots_in_a_row.start : slots_in_a_row.stop] = [primary] * len(slots_in_a_row)
        latest = max((primary.epoch for primary in primaries), default=0)
        primaries.sort(key=lambda primary: primary.slots[0].start)
        return cls(latest, tuple(primaries), len(rows) - len(primaries), tuple(owners))

    def owner(self, slot: int) -> Primary | None:
        """Return the primary that has a slot; None if none has."""
        return self._owners[slot]

    @property
    def missing(self) -> int:
        """How many slots no primary has."""
        return self._owners.count(None)

    @property
    def addresses(self) -> Sequence[tuple[str, int]]:
        """Where its primaries are."""
        return [(primary.host, primary.port) for primary in self.primaries]


def _range(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)
