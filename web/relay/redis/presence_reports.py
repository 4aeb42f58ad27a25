"""Presence reports in Redis: reading and writing them. When to do so is decided in presence.py.

A room's keys (see names.py) are a hash with the version of each worker's report, and for each worker a hash
with its members: its report. A worker writes its own report alone, by report.lua.
"""

from __future__ import annotations

import asyncio

from relay.delivery.people import Report
from relay.log.log import LogUnavailable
from relay.redis.link import Link
from relay.redis.names import Names
from relay.redis.partitions import PARTITIONS
from relay.redis.reserve import ANYBODY
from relay.redis.script import Script
from relay.redis.shards import Shard
from relay.support.utf8_json import encode

REPORT = b"~"
"""First byte, on a room's channel, of a report; the worker's id follows, then the report as JSON."""
LIFETIME = 86_400
"""Seconds after which Redis drops a report that gets no heartbeat: that of a dead worker, in a room that
nobody visits any more."""


class Reports:
    """Every method raises LogUnavailable within 2 s when Redis can't be reached."""

    def __init__(self, link: Link, names: Names, worker: str) -> None:
        """`worker`: this worker's id."""
        self._link = link
        self._report = Script(link, "reserve.lua", "changed.lua", "report.lua")
        self._names = names
        self._worker = worker

    async def versions(self, rooms: list[str]) -> list[dict[str, int]]:
        """Return the version of each worker's report, for each room."""
        replies = await self._link.send(*(("HGETALL", self._names.of(room).reports) for room in rooms))
        return [{worker: int(version) for worker, version in _texts(reply).items()} for reply in replies]

    async def read(self, room: str, worker: str) -> Report | None:
        """Return another worker's report; None if it has none, or if the worker is dead."""
        names = self._names.of(room)
        (version, members), silent = await asyncio.gather(
            self._link.transaction(("HGET", names.reports, worker), ("HGETALL", names.report(worker))),
            self.silent([worker]),
        )
        return Report(int(version), _texts(members)) if not silent and version is not None else None

    async def write(
        self, room: str, before: int, version: int, joined: dict[str, str], left: list[str], *, stays: bool
    ) -> None:
        """Write and broadcast what changed since the report of version `before`; if that is 0 or less,
        `joined` is all of the report. `stays`: whether this worker still has members in the room."""
        broadcast = REPORT + self._worker.encode() + encode([before, version, joined, left])
        anew = int(before <= 0)
        pairs = (text for pair in joined.items() for text in pair)
        await self._write(
            room, self._worker, version if stays else 0, broadcast, anew, len(left), *left, *pairs
        )

    async def heartbeat(self, room: str) -> None:
        """Have Redis keep this worker's report for another `LIFETIME`."""
        names = self._names.of(room)
        keys = names.reports, names.report(self._worker)
        await self._link.send(*(("EXPIRE", key, LIFETIME) for key in keys))

    async def remove(self, room: str, worker: str) -> None:
        """Remove the report of a dead worker."""
        await self._write(room, worker, 0, b"", 0, 0)

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

    async def _write(self, room: str, worker: str, version: int, *rest: str | bytes | int) -> None:
        names = self._names.of(room)
        keys = names.reports, names.report(worker), names.partition.changed_reports
        about = ANYBODY, worker, version, LIFETIME, room, names.live
        await self._report.run((len(keys), *keys, *about, *rest))


def _texts(reply: list[bytes]) -> dict[str, str]:
    texts = [text.decode() for text in reply]
    return dict(zip(texts[::2], texts[1::2], strict=True))
