"""Presence reports in Redis: reading and writing them. When to do so is decided in presence.py.

A room's keys (see names.py) are a hash with the version of each worker's report, for each worker a hash with
its members: its report, and a hash that counts at how many workers each member is. A worker writes its own
report alone, by report.lua.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from relay.delivery.people import LISTED, Member, Report
from relay.log.log import LogUnavailable
from relay.redis.link import Link
from relay.redis.names import Names
from relay.redis.partitions import PARTITIONS
from relay.redis.reserve import ANYBODY
from relay.redis.script import Script
from relay.redis.shards import Shard
from relay.support.utf8_json import encode, loads

REPORT = b"~"
"""First byte, on a room's channel, of a report; the worker's id follows, then the report as JSON."""
LIFETIME = 86_400
"""Seconds after which Redis drops a report that gets no heartbeat: that of a dead worker, in a room that
nobody visits any more."""
AT_ONCE = 1000
"""Members that one call writes or removes at most, so that Redis serves others within a few milliseconds."""


class Listed(NamedTuple):
    """What a room lists of one worker. `version`: of its report. `first`: its first members as `first_words`
    returns them."""

    version: int
    first: bytes

    def members(self) -> list[Member]:
        """Return its first members, if the room is large."""
        return [Member.labelled(*pair) for pair in loads(self.first)] if self.first else []


@dataclass(frozen=True)
class ListedRoom:
    """`count`: the members of a room on all workers, each once. `workers`: what it lists of each."""

    count: int
    workers: dict[str, Listed]


class Change(NamedTuple):
    """What changed since a report of version `before`, which is 0 if there is none. `version`: its new one.
    `joined`: labels by ids. `left`: ids. `first`: the worker's first members, see `first_words`. `stays`:
    whether it still has members in the room."""

    before: int
    version: int
    joined: Mapping[str, str]
    left: Collection[str]
    first: bytes
    stays: bool


class Reports:
    """Every method raises LogUnavailable within 2 s when Redis can't be reached."""

    def __init__(self, link: Link, names: Names, worker: str) -> None:
        """`worker`: this worker's id."""
        self._link = link
        self._report = Script(link, "reserve.lua", "changed.lua", "leave.lua", "report.lua")
        self._remove = Script(link, "reserve.lua", "changed.lua", "leave.lua", "remove_report.lua")
        self._names = names
        self.worker = worker

    async def listed(self, rooms: list[str]) -> list[ListedRoom]:
        """Return how many members each room has, and the version of each worker's report."""
        names = [self._names.of(room) for room in rooms]
        asked = (command for each in names for command in (("HGETALL", each.reports), ("HLEN", each.people)))
        replies = iter(await self._link.send(*asked))
        return [ListedRoom(count, _listed(workers)) for workers, count in zip(replies, replies, strict=True)]

    async def read(self, room: str, worker: str) -> Report | None:
        """Return another worker's report; None if it has none, or if the worker is dead."""
        names = self._names.of(room)
        (listed, members), silent = await asyncio.gather(
            self._link.transaction(("HGET", names.reports, worker), ("HGETALL", names.report(worker))),
            self.silent([worker]),
        )
        if silent or listed is None:
            return None
        return Report(
            _of_worker(listed).version, {id.decode(): label.decode() for id, label in _pairs(members)}
        )

    async def write(self, room: str, change: Change) -> int | None:
        """Write what changed in this worker's report, and broadcast it in a small room. Return how many
        members the room has; None if nothing was written, because the report is of another version."""
        before, version, joined, left, first, stays = change
        small = len(joined) + len(left) <= LISTED and not first
        changed = encode([before, version, joined, list(left)]) if small else b""
        names = self._names.of(room)
        pairs = (text for pair in joined.items() for text in pair)
        about = ANYBODY, self.worker, before, version if stays else 0, first, LIFETIME, room, names.live
        broadcast = REPORT + self.worker.encode() + changed if small else b""
        keys = self._keys(room, self.worker)
        (count,) = await self._report.run(
            (len(keys), *keys, *about, broadcast, LISTED, len(left), *left, *pairs)
        )
        return None if count == -1 else count

    async def heartbeat(self, room: str) -> None:
        """Have Redis keep this worker's report for another `LIFETIME`."""
        reports, report, people, _ = self._keys(room, self.worker)
        lifetimes = (reports, LIFETIME), (report, 2 * LIFETIME), (people, LIFETIME)
        await self._link.transaction(*(("EXPIRE", key, lifetime) for key, lifetime in lifetimes))

    async def remove(self, room: str, worker: str) -> None:
        """Remove the report of a dead worker, or what there is of this worker's own."""
        keys = self._keys(room, worker)
        while (await self._remove.run((len(keys), *keys, worker, room, AT_ONCE)))[0]:
            pass

    async def silent(self, workers: list[str]) -> set[str]:
        """Return those of these workers whose probe is on no shard that answers; none while no shard answers.
        A worker that is cut off from one shard, or a shard that is away, so kills nobody."""
        if not workers:
            return set()
        answers = await asyncio.gather(
            *(self._probes(shard, workers) for shard, _ in self._link.shards(range(PARTITIONS)))
        )
        said = [answer for answer in answers if answer is not None]
        return set(workers).difference(*said) if said else set()

    async def _probes(self, shard: Shard, workers: list[str]) -> set[str] | None:
        """Return those of these workers whose probe a shard has; None if it does not answer."""
        first = self._names.partition(shard.first)
        try:
            found = await shard.link.send(*(("EXISTS", first.probe(worker)) for worker in workers))
        except LogUnavailable:
            return None
        return {worker for worker, alive in zip(workers, found, strict=True) if alive}

    def _keys(self, room: str, worker: str) -> tuple[str, str, str, str]:
        names = self._names.of(room)
        return names.reports, names.report(worker), names.people, names.partition.changed_reports


def first_words(members: list[Member]) -> bytes:
    """Return the first members of a worker as its report lists them: JSON, a list of ids and labels."""
    return encode([[member.id, member.label] for member in members])


def _listed(reply: list[bytes]) -> dict[str, Listed]:
    return {worker.decode(): _of_worker(listed) for worker, listed in _pairs(reply)}


def _of_worker(listed: bytes) -> Listed:
    version, bracket, rest = listed.partition(b"[")
    return Listed(int(version), bracket + rest)


def _pairs(reply: list[bytes]) -> zip[tuple[bytes, bytes]]:
    return zip(reply[::2], reply[1::2], strict=True)
