"""Presence reports in Redis: reading and writing them. When to do so is decided in presence.py.

A room's keys (see names.py) are a hash with the version of each worker's report, and for each worker a hash
with its members: its report. A worker writes its own report alone. What it writes at once is one transaction,
which also broadcasts the change on the room's channel, with the versions before and after it.
"""

from __future__ import annotations

from relay.delivery.people import Report
from relay.redis.link import Command, Link
from relay.redis.names import Names
from relay.redis.reserve import Reserve
from relay.support.utf8_json import encode

MEMBERS_PER_COMMAND = 1000
"""A Lua script can hand at most about 7,900 words to one command."""
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
        self._reserve = Reserve(link)
        self._names = names
        self._worker = worker

    async def versions(self, rooms: list[str]) -> list[dict[str, int]]:
        """Return the version of each worker's report, for each room."""
        replies = await self._link.send(*(("HGETALL", self._names.reports(room)) for room in rooms))
        return [{worker: int(version) for worker, version in _texts(reply).items()} for reply in replies]

    async def read(self, room: str, worker: str) -> Report | None:
        """Return another worker's report; None if it has none, or if the worker is dead."""
        alive, version, members = await self._link.transaction(
            ("EXISTS", self._names.probe(worker)),
            ("HGET", self._names.reports(room), worker),
            ("HGETALL", self._names.report(room, worker)),
        )
        return Report(int(version), _texts(members)) if alive and version is not None else None

    async def write(
        self, room: str, before: int, version: int, joined: dict[str, str], left: list[str], *, stays: bool
    ) -> None:
        """Write and broadcast what changed since the report of version `before`; if that is 0 or less,
        `joined` is all of the report. `stays`: whether this worker still has members in the room."""
        versions, members = self._names.reports(room), self._names.report(room, self._worker)
        commands: list[Command] = []
        if before <= 0:
            commands.append(("DEL", members))
        most = MEMBERS_PER_COMMAND
        commands += [("HDEL", members, *left[n : n + most]) for n in range(0, len(left), most)]
        pairs = list(joined.items())
        for some in (pairs[n : n + most] for n in range(0, len(pairs), most)):
            commands.append(("HSET", members, *(text for pair in some for text in pair)))
        if stays:
            commands += [("HSET", versions, self._worker, version), *self._expiring(room)]
        else:
            commands.append(("HDEL", versions, self._worker))
        report = encode([before, version, joined, left])
        commands.append(("PUBLISH", self._names.live(room), REPORT + self._worker.encode() + report))
        await self._reserve.run(*commands)

    async def heartbeat(self, room: str) -> None:
        """Have Redis keep this worker's report for another `LIFETIME`."""
        await self._link.send(*self._expiring(room))

    async def remove(self, room: str, worker: str) -> None:
        """Remove the report of a dead worker."""
        members, versions = self._names.report(room, worker), self._names.reports(room)
        await self._link.send(("DEL", members), ("HDEL", versions, worker))

    async def silent(self, workers: list[str]) -> set[str]:
        """Return those of these workers whose probe is missing."""
        if not workers:
            return set()
        found = await self._link.send(*(("EXISTS", self._names.probe(worker)) for worker in workers))
        return {worker for worker, alive in zip(workers, found, strict=True) if not alive}

    def _expiring(self, room: str) -> list[Command]:
        keys = self._names.reports(room), self._names.report(room, self._worker)
        return [("EXPIRE", key, LIFETIME) for key in keys]


def _texts(reply: list[bytes]) -> dict[str, str]:
    texts = [text.decode() for text in reply]
    return dict(zip(texts[::2], texts[1::2], strict=True))
