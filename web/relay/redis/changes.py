"""Changes: which rooms of a worker changed lately, found out by one question for each partition.

To compare every room with Redis costs 10 µs of a worker and 3 µs of Redis for each room and second, also
where nobody says anything (measured). So a partition has a sorted set of its rooms by when they changed, on
Redis' clock, and a worker asks for those that changed since it asked last. It is told of all of them where it
can't know: in a partition that it has not asked about before, after the clock went back, and after Redis lost
what it had.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import NamedTuple

from hiredis import pack_command

from relay.log.log import LogUnavailable
from relay.redis.link import Link
from relay.redis.names import Names, PartitionNames
from relay.redis.partitions import partition_of
from relay.redis.shards import Shard

OVERLAP = 1000
"""Milliseconds before the last question that count as after it. They make up for a clock that goes back by
less than the time between two questions, which nobody notices."""
FORGET = 60_000
"""Milliseconds after which a change is no longer asked for by anybody, so it may be removed."""
FORGET_EVERY = 30
"""Questions of which one removes such changes, and has the sets kept."""
KEPT = 3600
"""Seconds for which a set is kept that nobody watches; see changed.lua."""


class Changes:
    def __init__(self, link: Link, names: Names, key: Callable[[PartitionNames], str]) -> None:
        """`key`: which sorted set of a partition it is about."""
        self._link = link
        self._names = names
        self._key = key
        self._rooms: dict[int, set[str]] = {}  # that are watched, by partition
        self._asked: dict[str, _Asked] = {}  # what each shard answered last
        self._questions: dict[str, _Questions] = {}  # to each shard
        self._count = 0

    def watch(self, room: str) -> None:
        """Tell of a room's changes from now on; `unwatch` ends it."""
        self._rooms.setdefault(partition_of(room), set()).add(room)

    def unwatch(self, room: str) -> None:
        """Tell of a room's changes no more."""
        partition = partition_of(room)
        if (rooms := self._rooms.get(partition)) is not None:
            rooms.discard(room)
            if not rooms:
                del self._rooms[partition]

    def by_shard(self, rooms: Iterable[str]) -> list[list[str]]:
        """Return rooms in groups that are asked about apart, so that one shard that is away hides nothing of
        others. Rooms of no known shard are left out."""
        of: dict[int, list[str]] = {}
        for room in rooms:
            of.setdefault(partition_of(room), []).append(room)
        return [
            [room for partition in partitions for room in of[partition]]
            for _, partitions in self._link.shards(of)
        ]

    async def ask(self) -> set[str]:
        """Return the rooms that are watched and may have changed since the last call that did not fail.
        Raises LogUnavailable if no shard can be reached."""
        self._count += 1
        shards = self._link.shards(self._rooms)
        known = {shard.id for shard, _ in shards}
        for gone in self._asked.keys() - known:
            del self._asked[gone], self._questions[gone]
        asking = (self._ask(*shard) for shard in shards)
        answers = await asyncio.gather(*asking, return_exceptions=True)
        failed = [answer for answer in answers if isinstance(answer, BaseException)]
        if failed and len(failed) == len(answers):
            raise failed[0]
        return {room for answer in answers if not isinstance(answer, BaseException) for room in answer}

    async def _ask(self, shard: Shard, partitions: list[int]) -> set[str]:
        before = self._asked.get(shard.id, NEVER)
        questions = self._questions.get(shard.id)
        born = self._names.partition(shard.first).incarnation
        if self._count % FORGET_EVERY == 0 or not before.partitions.issuperset(partitions):
            await self._tidy(shard.link, partitions, before.at - FORGET)
        if questions is None or (questions.partitions, questions.born) != (partitions, born):
            keys = [self._key(self._names.partition(partition)) for partition in partitions]
            questions = self._questions[shard.id] = _Questions(partitions, keys, born)
        (seconds, micros), incarnation, *changed = await shard.link.send_packed(
            questions.packed(before.at - OVERLAP), 2 + len(partitions), writes=False
        )
        if incarnation is None:  # until it is there, the answer is always all rooms
            with suppress(LogUnavailable):  # a Redis that is full, for example
                await shard.link.send(("SET", questions.born, secrets.token_urlsafe(6), "NX"))
        now = _Asked(incarnation, int(seconds) * 1000 + int(micros) // 1000, frozenset(partitions))
        complete = now.tells_what_changed_since(before)
        found: set[str] = set()
        for partition, rooms in zip(partitions, changed, strict=True):
            if not complete or partition not in before.partitions:
                found |= self._rooms.get(partition, set())
            elif rooms:
                watched = self._rooms.get(partition, set())
                found.update(watched.intersection(room.decode() for room in rooms))
        self._asked[shard.id] = now
        return found

    async def _tidy(self, link: Link, partitions: list[int], before: int) -> None:
        """Remove the changes from before a time, in milliseconds, and have the sets kept. It comes before the
        first question about a partition: a set that ended right after that would take changes along. One that
        takes no writes now is tidied later."""
        keys = [self._key(self._names.partition(partition)) for partition in partitions]
        with suppress(LogUnavailable):
            await link.send(
                *(("ZREMRANGEBYSCORE", key, "-inf", f"({before}") for key in keys),
                *(("EXPIRE", key, KEPT) for key in keys),
            )


class _Questions:
    """What a shard is asked about some partitions. It is packed once, as only the time in it changes: to pack
    256 commands took four fifths of what asking cost (measured)."""

    def __init__(self, partitions: list[int], keys: list[str], born: str) -> None:
        """`keys`: their sorted sets. `born`: the key of the incarnation."""
        self.partitions = partitions
        self.born = born
        # The time comes first: what changes while the rest is answered counts as after it.
        commands = [("TIME",), ("GET", born), *(("ZRANGE", key, _TIME, "+inf", "BYSCORE") for key in keys)]
        self._packed = b"".join([pack_command(command) for command in commands])  # type: ignore[arg-type]

    def packed(self, since: int) -> bytes:
        """Return the commands for what changed since then, in milliseconds."""
        return self._packed.replace(_TIME, b"%0*d" % (len(_TIME), max(since, 0)))


_TIME = b"\0" * 13
"""Stands where the time will, and in no name."""


class _Asked(NamedTuple):
    """`incarnation`: what a shard had when it answered, None if it had lost all. `at`: when, on its clock, in
    milliseconds. `partitions`: those that it was asked about."""

    incarnation: bytes | None
    at: int
    partitions: frozenset[int]

    def tells_what_changed_since(self, before: _Asked) -> bool:
        """Return whether nothing can be missing in what this answer says of the time since another one."""
        same = self.incarnation is not None and self.incarnation == before.incarnation
        return same and before.at <= self.at < before.at + FORGET - OVERLAP


NEVER = _Asked(None, 0, frozenset())
