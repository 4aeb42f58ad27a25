"""The roster: tells the other workers on one Redis who is at this one, and this one who is at the others.

A room's keys (see names.py) are a hash with the version of each worker's report, and for each worker a hash
with its members, its report. A worker alone writes its own: what changed within a moment in one transaction,
which also broadcasts it on the room's channel with the versions before and after. Whoever hears a change to
another version than it knows reads the report. Nothing is written for members who just stay: a worker's
probe (see redis/bus.py) is the heartbeat of all its members at once.

Every `ROUND` seconds a worker compares versions. What differs is read; its own that is missing, since Redis
was wiped or others took this worker for dead, is written anew. A worker whose probe is missing in two rounds
is dead: whoever notices removes its members. One that drains waits until its members have gone; one that
stops without removes nothing: its clients come back elsewhere before anybody notices, and those who don't
are gone when its probe is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress

from relay.delivery.presence import Presence, Seen
from relay.log.log import LogUnavailable
from relay.redis.link import Command, Link
from relay.redis.names import Names
from relay.redis.reserve import Reserve
from relay.support.utf8_json import encode, loads

logger = logging.getLogger(__name__)

GATHER = 0.2
"""Seconds that changes are gathered before they are written."""
ROUND = 2.5
"""Seconds between two comparisons of all rooms."""
AT_ONCE = 100
"""Rooms in one request at most."""
AT_MOST = 1000
"""Members in one command at most: a script hands over about 7,900 words, and no more."""
ROSTER = b"~"
"""First byte, on a room's channel, of a report; the worker's id follows, then the report as JSON."""
NOTHING = Seen(0, {})
"""A report that was never made. Not to be changed."""
UNKNOWN = -1
"""The version of our own report while we don't know what Redis has of it: it is written anew."""
LIFETIME = 86_400
"""Seconds after which Redis drops a report that nobody renews: of a dead worker, in a room nobody visits."""


class Roster:
    def __init__(self, link: Link, names: Names, worker: str, presence: Presence) -> None:
        self._link = link
        self._reserve = Reserve(link)
        self._names = names
        self._worker = worker
        self._presence = presence
        self._written: dict[str, Seen] = {}  # our reports, as Redis has them
        self._version = 0
        self._changed: set[str] = set()
        self._suspects: set[str] = set()
        self._workers: set[str] = set()  # others that reported anything
        self._missing: set[str] = set()  # of these, whose probe was missing in the last round
        self._dead: set[str] = set()
        self._renewed = 0.0
        self._wake = asyncio.Event()

    def changed(self, room: str) -> None:
        """Report a room's members here soon."""
        self._changed.add(room)
        self._wake.set()

    def suspect(self, room: str) -> None:
        """Compare a room soon, because reports may have been missed."""
        self._suspects.add(room)
        self._wake.set()

    def heard(self, room: str, worker: str, payload: bytes) -> None:
        """Take what another worker broadcast."""
        if room not in self._presence:
            return
        before, version, joined, left = loads(payload)
        known = self._version_of(room, worker)
        if known == before:
            self._workers.add(worker)
            self._presence.amend(room, worker, version, joined, left)
        elif known < version:
            self.suspect(room)

    @property
    def told(self) -> bool:
        """Whether nobody is left in our reports."""
        return not self._written and not self._changed

    async def load(self, room: str) -> None:
        """Read who is in a room at other workers."""
        (reply,) = await self._link.send(("HGETALL", self._names.here(room)))
        versions = _versions(reply)
        versions.pop(self._worker, None)
        await self._level(room, versions, {})

    async def run(self) -> None:
        """Write, read and compare until cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time() + ROUND
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._wake.wait()
            await asyncio.sleep(GATHER)
            self._wake.clear()
            try:
                if loop.time() >= due:
                    due = loop.time() + ROUND
                    await self._round(loop.time())
                suspects, self._suspects = self._suspects, set()
                await self._compare(suspects)
                changed, self._changed = self._changed, set()
                await asyncio.gather(*(self._write(room) for room in changed))
            except LogUnavailable as error:  # the next round looks at every room again
                logger.debug("presence could not be compared: %s", error)
            except Exception:
                logger.exception("comparing presence failed; going on")

    async def _round(self, now: float) -> None:
        if now - self._renewed > LIFETIME / 4:
            self._renewed = now
            for room in list(self._written):
                await self._link.send(*self._lasting(room))
        before, self._missing = self._missing, set()
        missing = await self._without_probe()
        # In two rounds, since after an outage of Redis' own all of them are missing for a moment.
        self._dead = missing & before
        self._missing = missing - before
        await self._compare(self._presence.rooms)
        self._dead = set()

    async def _without_probe(self) -> set[str]:
        workers = list(self._workers)
        if not workers:
            return set()
        found = await self._link.send(*(("EXISTS", self._names.probe(worker)) for worker in workers))
        return {worker for worker, alive in zip(workers, found, strict=True) if not alive}

    async def _compare(self, rooms: Iterable[str]) -> None:
        """Read what is new of these rooms, and find what has to be written again."""
        wanted = list(rooms)
        for some in (wanted[n : n + AT_ONCE] for n in range(0, len(wanted), AT_ONCE)):
            known = {room: self._presence.others(room) for room in some}
            replies = await self._link.send(*(("HGETALL", self._names.here(room)) for room in some))
            for room, reply in zip(some, replies, strict=True):
                versions = _versions(reply)
                written = self._written.get(room, NOTHING)
                if versions.pop(self._worker, 0) != written.version:
                    self._written[room] = Seen(UNKNOWN, written.members)
                    self._changed.add(room)
                await self._level(room, versions, known[room])

    async def _level(self, room: str, versions: dict[str, int], known: dict[str, Seen]) -> None:
        """`known` is what had been reported when the versions were asked for: more may have come since."""
        self._workers |= versions.keys()
        for worker in known.keys() - versions.keys():
            if self._version_of(room, worker) == known[worker].version:
                self._presence.see(room, worker, None)
        for worker in versions.keys() & self._dead:
            await self._bury(room, worker)
        new = [
            worker
            for worker, version in versions.items()
            if worker not in self._dead and self._version_of(room, worker) != version
        ]
        await asyncio.gather(*(self._read(room, worker) for worker in new))

    async def _bury(self, room: str, worker: str) -> None:
        members, versions = self._names.here_at(room, worker), self._names.here(room)
        await self._link.send(("DEL", members), ("HDEL", versions, worker))
        self._workers.discard(worker)
        self._presence.see(room, worker, None)

    async def _read(self, room: str, worker: str) -> None:
        alive, version, members = await self._link.transaction(
            ("EXISTS", self._names.probe(worker)),
            ("HGET", self._names.here(room), worker),
            ("HGETALL", self._names.here_at(room, worker)),
        )
        # What was heard since this was read is newer: a worker's numbers only grow.
        if alive and version is not None and int(version) > self._version_of(room, worker):
            self._presence.see(room, worker, Seen(int(version), _texts(members)))

    def _version_of(self, room: str, worker: str) -> int:
        """Of another worker's report, as the members here were told it."""
        return self._presence.others(room).get(worker, NOTHING).version

    async def _write(self, room: str) -> None:
        here, before = self._presence.here(room), self._written.get(room, NOTHING)
        anew = before.version <= 0
        joined = {who: name for who, name in here.items() if anew or before.members.get(who) != name}
        left = [who for who in before.members if who not in here]
        if not joined and not left:
            if not here:
                self._written.pop(room, None)
            return
        self._version += 1
        version = self._version  # of this report: other rooms' are written meanwhile
        try:
            await self._reserve.run(*self._commands(room, before.version, version, joined, left))
        except LogUnavailable as error:
            logger.debug("presence in room %s could not be written: %s", room, error)
            self._written[room] = Seen(UNKNOWN, before.members | here)
            self._changed.add(room)
        else:
            if here:
                self._written[room] = Seen(version, here)
            else:
                del self._written[room]

    def _commands(
        self, room: str, before: int, version: int, joined: dict[str, str], left: list[str]
    ) -> list[Command]:
        versions, members = self._names.here(room), self._names.here_at(room, self._worker)
        report = encode([before, version, joined, left])
        commands: list[Command] = []
        if before <= 0:
            commands.append(("DEL", members))
        commands += [("HDEL", members, *left[n : n + AT_MOST]) for n in range(0, len(left), AT_MOST)]
        pairs = list(joined.items())
        for some in (pairs[n : n + AT_MOST] for n in range(0, len(pairs), AT_MOST)):
            commands.append(("HSET", members, *(text for pair in some for text in pair)))
        if room in self._presence:
            commands += [("HSET", versions, self._worker, version), *self._lasting(room)]
        else:
            commands.append(("HDEL", versions, self._worker))
        return [*commands, ("PUBLISH", self._names.live(room), ROSTER + self._worker.encode() + report)]

    def _lasting(self, room: str) -> list[Command]:
        keys = self._names.here(room), self._names.here_at(room, self._worker)
        return [("EXPIRE", key, LIFETIME) for key in keys]


def _versions(reply: list[bytes]) -> dict[str, int]:
    return {worker: int(version) for worker, version in _texts(reply).items()}


def _texts(reply: list[bytes]) -> dict[str, str]:
    texts = [text.decode() for text in reply]
    return dict(zip(texts[::2], texts[1::2], strict=True))
