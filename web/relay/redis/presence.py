"""Presence replication: each worker learns which members the other workers have.

Each worker reports its members of each room to Redis; see presence_reports.py. Changes of one moment are
written and broadcast together. A worker that receives a change to another version than it knows reads the
whole report. Nothing is written for members who just stay: a worker's probe (see bus.py) is the heartbeat of
all of them.

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
from collections.abc import Iterable
from contextlib import suppress

from relay.delivery.people import Report
from relay.delivery.presence import Presence
from relay.log.log import LogUnavailable
from relay.redis.changes import Changes
from relay.redis.link import Link
from relay.redis.names import Names
from relay.redis.presence_reports import LIFETIME, Reports
from relay.support.apart import apart
from relay.support.utf8_json import loads

logger = logging.getLogger(__name__)

ROOMS_PER_REQUEST = 100
"""Rooms compared in one request at most, so that Redis serves others within a few milliseconds."""
NO_REPORT = Report(0, {})
"""A report that was never made. Not to be changed."""
UNKNOWN = -1
"""The version of our own report while we don't know what Redis has of it: it is written anew."""


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
        self._written: dict[str, Report] = {}  # our reports, as Redis has them
        self._version = 0
        self._changed: set[str] = set()
        self._dirty: set[str] = set()
        self._unsure: set[str] = set()  # rooms that the next comparison is about, whether or not they change
        self._workers: set[str] = set()  # other workers that reported anything
        self._silent: set[str] = set()  # those of them whose probe was missing in the last sync
        self._dead: set[str] = set()
        self._heartbeat_at = 0.0
        self._wake = asyncio.Event()

    def changed(self, room: str) -> None:
        """Report this worker's members of a room soon."""
        self._changed.add(room)
        self._wake.set()

    def mark_dirty(self, room: str) -> None:
        """Compare a room soon, because reports may have been missed."""
        self._dirty.add(room)
        self._wake.set()

    def receive(self, room: str, worker: str, payload: bytes) -> None:
        """Take what another worker broadcast."""
        if room not in self._presence:
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
        return not self._written and not self._changed

    async def load(self, room: str) -> None:
        """Read who is in a room at other workers, and learn of its changes from now on. Raises
        LogUnavailable."""
        self._changes.watch(room)
        self._unsure.add(room)
        (versions,) = await self._reports.versions([room])
        versions.pop(self._worker, None)
        await self._reconcile(room, versions, {})

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
            changed, self._changed = self._changed, set()
            try:
                await asyncio.gather(*(self._write(room) for room in changed))
            except Exception:
                logger.exception("writing presence failed; going on")

    async def _sync(self, now: float) -> None:
        if now - self._heartbeat_at > LIFETIME / 4:
            self._heartbeat_at = now
            for room in list(self._written):
                await self._reports.heartbeat(room)
        before, self._silent = self._silent, set()
        silent = await self._reports.silent(list(self._workers))
        # Twice in a row, because after an outage of Redis all probes are missing for a moment.
        self._dead = silent & before
        self._silent = silent - before
        unsure = await self._changes.ask() | self._unsure | self._rooms_of_dead()
        self._unsure = set()
        await self._compare_surely(unsure)
        self._dead = set()

    def _rooms_of_dead(self) -> set[str]:
        if not self._dead:
            return set()
        return {room for room in self._presence.rooms if self._presence.reports(room).keys() & self._dead}

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
            for room, versions in zip(some, await self._reports.versions(some), strict=True):
                written = self._written.get(room, NO_REPORT)
                if versions.pop(self._worker, 0) != written.version:
                    self._written[room] = Report(UNKNOWN, written.members)
                    self._changed.add(room)
                await self._reconcile(room, versions, known[room])

    async def _reconcile(self, room: str, versions: dict[str, int], known: dict[str, Report]) -> None:
        """Bring the reports of a room up to these versions. `known`: the reports when the versions were asked
        for; later ones may have come since."""
        self._workers |= versions.keys()
        for worker in known.keys() - versions.keys():
            if self._version_of(room, worker) == known[worker].version:
                self._presence.set_report(room, worker, None)
        for worker in versions.keys() & self._dead:
            await self._reports.remove(room, worker)
            self._workers.discard(worker)
            self._presence.set_report(room, worker, None)
        new = [
            worker
            for worker, version in versions.items()
            if worker not in self._dead and self._version_of(room, worker) != version
        ]
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

    async def _write(self, room: str) -> None:
        if room not in self._presence:
            self._changes.unwatch(room)
        local, before = self._presence.local(room), self._written.get(room, NO_REPORT)
        anew = before.version <= 0
        joined = {id: name for id, name in local.items() if anew or before.members.get(id) != name}
        left = [id for id in before.members if id not in local]
        if not joined and not left:
            if not local:
                self._written.pop(room, None)
            return
        self._version += 1
        version = self._version  # of this report: those of other rooms are written meanwhile
        try:
            await self._reports.write(room, before.version, version, joined, left, stays=bool(local))
        except LogUnavailable as error:
            logger.debug("presence in room %s could not be written: %s", room, error)
            self._written[room] = Report(UNKNOWN, before.members | local)
            self._changed.add(room)
        else:
            if local:
                self._written[room] = Report(version, local)
            else:
                del self._written[room]
