"""Presence replication: each worker learns which members the other workers have.

Each worker reports its members of each room to Redis; see presence_reports.py. Changes of one moment are
written and broadcast together. A worker that receives a change to another version than it knows reads the
whole report. Nothing is written for members who just stay: a worker's probe (see bus.py) is the heartbeat of
all of them.

In a large room nothing is broadcast, and no worker reads another's report. Redis counts the members, and each
worker lists its first ones by name. A worker reads the count and these names when the room has changed, not
more often than it tells its clients.

Every `sync_interval` seconds a worker compares the versions of those of its rooms that changed. What differs
is read. If its own report is missing, because Redis was wiped or others took this worker for dead, it is
written anew. A worker whose probe is missing twice in a row is dead: the first worker to notice removes its
reports of all rooms that they share. A worker
that drains waits until its members have gone. One that stops without draining removes nothing: its clients
come back elsewhere before anybody notices, and the others are gone when its probe is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Set
from contextlib import suppress
from heapq import nsmallest

from relay.delivery.people import FIRST, LISTED, Report, Summary, by_name
from relay.delivery.presence import Presence, pause
from relay.log.log import LogUnavailable
from relay.redis.changes import Changes
from relay.redis.link import Link
from relay.redis.names import Names
from relay.redis.own_reports import OwnReports
from relay.redis.presence_reports import LIFETIME, ListedRoom, Reports
from relay.support.apart import apart
from relay.support.utf8_json import loads

logger = logging.getLogger(__name__)

ROOMS_PER_REQUEST = 100
"""Rooms compared in one request at most, so that Redis serves others within a few milliseconds."""
LONGEST_REST = 30.0
"""Seconds after which the count of a very large room is read again at the latest, if it changed."""
AWAIT_NAMES = 5.0
"""Seconds for which a room that becomes large is shown as it was, at most, until each worker lists its first
members. One that does not in that time may be paused."""
NO_REPORT = Report(0, {})
"""A report that was never made. Not to be changed."""


class RedisPresence:
    def __init__(
        self,
        link: Link,
        names: Names,
        worker: str,
        presence: Presence,
        *,
        flush_interval: float,
        sync_interval: float,
    ) -> None:
        """`worker`: this worker's id. `presence`: the members on this worker, and what others reported.
        `flush_interval`: seconds for which changes are collected before they are written. `sync_interval`:
        seconds between two comparisons."""
        self._flush_interval = flush_interval
        self._sync_interval = sync_interval
        self._reports = Reports(link, names, worker)
        self._changes = Changes(link, names, lambda partition: partition.changed_reports)
        self._worker = worker
        self._presence = presence
        self._own = OwnReports(self._reports, presence, self._written)
        self._read_at: dict[str, float] = {}  # large rooms, and when each may be read again
        self._awaited: dict[str, float] = {}  # rooms that become large: when each is shown so at the latest
        self._dirty: set[str] = set()
        self._unsure: set[str] = set()  # rooms that the next comparison is about, whether or not they change
        self._workers: set[str] = set()  # other workers that reported anything
        self._silent: set[str] = set()  # those of them whose probe was missing in the last sync
        self._dead: set[str] = set()
        self._heartbeat_at = 0.0
        self._wake = asyncio.Event()

    def changed(self, room: str, id: str) -> None:
        """Report soon that a member of this worker came, left or changed its name."""
        self._own.changed(room, id)
        self._wake.set()

    def mark_dirty(self, room: str) -> None:
        """Compare a room soon, because reports may have been missed."""
        self._dirty.add(room)
        self._wake.set()

    def receive(self, room: str, worker: str, payload: bytes) -> None:
        """Take what another worker broadcast."""
        if room not in self._presence:
            return
        if self._presence.summary(room) is not None:  # it is small now
            self.mark_dirty(room)
            return
        before, version, joined, left = loads(payload)
        known = self._version_of(room, worker)
        if known == before:
            self._workers.add(worker)
            self._presence.change_report(room, worker, version, joined, left)
        elif known < version:
            self.mark_dirty(room)

    @property
    def withdrawn(self) -> bool:
        """Whether Redis has no member of this worker any more."""
        return self._own.withdrawn

    async def silent(self, workers: list[str]) -> set[str]:
        """Return those of these workers whose probe is missing."""
        return await self._reports.silent(workers)

    async def load(self, room: str) -> None:
        """Read who is in a room at other workers, and learn of its changes from now on. Raises
        LogUnavailable."""
        self._changes.watch(room)
        self._unsure.add(room)
        (listed,) = await self._reports.listed([room])
        listed.workers.pop(self._worker, None)
        self._awaited[room] = 0  # a newcomer is shown at once what is known
        await self._take(room, listed, {})

    async def run(self) -> None:
        """Write, read and compare until cancelled."""
        loop = asyncio.get_running_loop()
        self._heartbeat_at = loop.time()
        due = self._heartbeat_at + self._sync_interval
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._wake.wait()
            await asyncio.sleep(self._flush_interval)
            self._wake.clear()
            try:
                if loop.time() >= due:
                    due = loop.time() + self._sync_interval
                    await self._sync(loop.time())
                dirty, self._dirty = self._dirty, set()
                await self._compare_surely(dirty)
            except LogUnavailable as error:  # the next sync compares these rooms again
                logger.debug("presence could not be compared: %s", error)
            except Exception:
                logger.exception("comparing presence failed; going on")
            try:
                await self._own.write()
            except Exception:
                logger.exception("writing presence failed; going on")

    async def _sync(self, now: float) -> None:
        if now - self._heartbeat_at > LIFETIME / 4:
            self._heartbeat_at = now
            await self._own.heartbeat()
        before, self._silent = self._silent, set()
        silent = await self._reports.silent(list(self._workers))
        # Twice in a row, because after an outage of Redis all probes are missing for a moment.
        self._dead = silent & before
        self._silent = silent - before
        unsure = await self._changes.ask() | self._unsure
        self._unsure = {room for room in unsure if now < self._read_at.get(room, now)}
        await self._compare_surely(unsure - self._unsure | self._rooms_of_dead())
        self._dead = set()

    def _rooms_of_dead(self) -> set[str]:
        if not self._dead:
            return set()
        return {room for room in self._presence.rooms if self._workers_in(room) & self._dead}

    def _workers_in(self, room: str) -> Set[str]:
        summary = self._presence.summary(room)
        return self._presence.reports(room).keys() if summary is None else summary.workers

    async def _compare_surely(self, rooms: set[str]) -> None:
        """Compare these rooms, those of each shard apart. Where that fails, the next sync does it. Raises the
        first error."""
        here = {room for room in rooms if room in self._presence}
        groups = self._changes.by_shard(here)
        self._unsure |= here.difference(*groups)
        failed = await apart(groups, self._compare)
        self._unsure |= failed.rooms
        if failed.error is not None:
            raise failed.error

    async def _compare(self, rooms: Iterable[str]) -> None:
        """Read what is new of these rooms, and find which of our own reports have to be written again."""
        wanted = list(rooms)
        for some in (wanted[n : n + ROOMS_PER_REQUEST] for n in range(0, len(wanted), ROOMS_PER_REQUEST)):
            known = {room: self._presence.reports(room) for room in some}
            for room, listed in zip(some, await self._reports.listed(some), strict=True):
                ours = listed.workers.pop(self._worker, None)
                self._own.check(room, ours.version if ours else 0)
                await self._take(room, listed, known[room])

    async def _take(self, room: str, listed: ListedRoom, known: dict[str, Report]) -> None:
        """Take what Redis lists of a room, without this worker. `known`: the reports when it was asked
        for."""
        for worker in listed.workers.keys() & self._dead:
            await self._reports.remove(room, worker)
            self._workers.discard(worker)
            self._presence.set_report(room, worker, None)
            del listed.workers[worker]
            self._unsure.add(room)  # its count is another one now
        self._workers |= listed.workers.keys()
        if listed.count > LISTED:
            self._own.set_large(room, True)
            if self._own.waiting:
                self._wake.set()
            if self._awaits_names(room, listed):
                self._unsure.add(room)
            else:
                self._summarize(room, listed)
        else:
            self._own.set_large(room, False)
            self._awaited.pop(room, None)
            versions = {worker: each.version for worker, each in listed.workers.items()}
            await self._reconcile(room, versions, known)
            self._presence.end_summary(room)
            self._read_at.pop(room, None)

    def _awaits_names(self, room: str, listed: ListedRoom) -> bool:
        """Return whether a room that becomes large is still shown as it was. Its clients would be told a few
        wrong names, and then the right ones."""
        if self._presence.summary(room) is not None or all(each.first for each in listed.workers.values()):
            return False
        now = asyncio.get_running_loop().time()
        return now < self._awaited.setdefault(room, now + AWAIT_NAMES)

    def _summarize(self, room: str, listed: ListedRoom) -> None:
        self._awaited.pop(room, None)
        if room not in self._presence:
            return
        members = {member.id: member for each in listed.workers.values() for member in each.members()}
        first = nsmallest(FIRST, members.values(), key=by_name)
        self._presence.summarize(room, Summary(listed.count, first, frozenset(listed.workers)))
        rest = min(pause(listed.count), LONGEST_REST)
        self._read_at[room] = asyncio.get_running_loop().time() + rest

    async def _reconcile(self, room: str, versions: dict[str, int], known: dict[str, Report]) -> None:
        """Bring the reports of a room up to these versions. `known`: the reports when the versions were asked
        for; later ones may have come since."""
        for worker in known.keys() - versions.keys():
            if self._version_of(room, worker) == known[worker].version:
                self._presence.set_report(room, worker, None)
        new = [worker for worker, version in versions.items() if self._version_of(room, worker) != version]
        await asyncio.gather(*(self._read(room, worker) for worker in new))

    async def _read(self, room: str, worker: str) -> None:
        report = await self._reports.read(room, worker)
        if report is None:  # it is dead, or left meanwhile: the next sync tells
            self._unsure.add(room)
        # What was received since this was read is newer: a worker's versions only grow.
        elif report.version > self._version_of(room, worker):
            self._presence.set_report(room, worker, report)

    def _version_of(self, room: str, worker: str) -> int:
        """The version of another worker's report that this worker has."""
        return self._presence.reports(room).get(worker, NO_REPORT).version

    def _written(self, room: str, count: int | None) -> None:
        """Take the count of a room after what this worker wrote."""
        if room not in self._presence:
            self._changes.unwatch(room)
            self._read_at.pop(room, None)
            self._awaited.pop(room, None)
        elif count is not None:
            self._presence.set_count(room, count)
            if (count > LISTED) != (self._presence.summary(room) is not None):
                self.mark_dirty(room)
        if self._own.waiting:  # much changed at once
            self._wake.set()
