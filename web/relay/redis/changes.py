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

from relay.log.log import LogUnavailable
from relay.redis.link import Command, Link
from relay.redis.names import Names, PartitionNames
from relay.redis.partitions import partition_of
from relay.redis.shards import Shard

OVERLAP = 1000
"""Milliseconds before the last question that count as after it. They make up for a clock that goes back by
less than the time between two questions, which nobody notices."""
FORGET = 60_000
"""Milliseconds after which a change is no longer asked for by anybody, so it may be removed."""
FORGET_EVERY = 30
"""Questions of which one removes such changes."""


class Changes:
    def __init__(self, link: Link, names: Names, key: Callable[[PartitionNames], str]) -> None:
        """`key`: which sorted set of a partition it is about."""
        self._link = link
        self._names = names
        self._key = key
        self._rooms: dict[int, set[str]] = {}  # that are watched, by partition
        self._asked: dict[int, _Asked] = {}  # about which partition when
        self._questions = 0

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
                self._asked.pop(partition, None)

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
        self._questions += 1
        shards = self._link.shards(self._rooms)
        asking = (self._ask(*shard) for shard in shards)
        answers = await asyncio.gather(*asking, return_exceptions=True)
        failed = [answer for answer in answers if isinstance(answer, BaseException)]
        if failed and len(failed) == len(answers):
            raise failed[0]
        return {room for answer in answers if not isinstance(answer, BaseException) for room in answer}

    async def _ask(self, shard: Shard, partitions: list[int]) -> set[str]:
        keys = [self._key(self._names.partition(partition)) for partition in partitions]
        asked = [self._asked.get(partition, NEVER) for partition in partitions]
        ranges: list[Command] = [
            ("ZRANGE", key, before.at - OVERLAP, "+inf", "BYSCORE")
            for key, before in zip(keys, asked, strict=True)
        ]
        if self._questions % FORGET_EVERY == 0:
            ranges += [
                ("ZREMRANGEBYSCORE", key, "-inf", f"({before.at - FORGET}")
                for key, before in zip(keys, asked, strict=True)
            ]
        born = self._names.partition(shard.first).incarnation
        # The time comes first: what changes while the rest is answered counts as after it.
        (seconds, micros), incarnation, *changed = await shard.link.send(("TIME",), ("GET", born), *ranges)
        if incarnation is None:  # until it is there, the answer is always all rooms
            with suppress(LogUnavailable):  # a Redis that is full, for example
                await shard.link.send(("SET", born, secrets.token_urlsafe(6), "NX"))
        now = _Asked(shard.id, incarnation, int(seconds) * 1000 + int(micros) // 1000)
        found: set[str] = set()
        for partition, before, rooms in zip(partitions, asked, changed, strict=False):
            watched = self._rooms.get(partition)
            if not watched:
                continue
            if now.tells_what_changed_since(before):
                found.update(watched.intersection(room.decode() for room in rooms))
            else:
                found.update(watched)
            self._asked[partition] = now
        return found


class _Asked(NamedTuple):
    """`shard`: which one answered. `incarnation`: what it had then, None if it had lost all. `at`: when, on
    its clock, in milliseconds."""

    shard: str
    incarnation: bytes | None
    at: int

    def tells_what_changed_since(self, before: _Asked) -> bool:
        """Return whether nothing can be missing in what this answer says of the time since another one."""
        same = self.incarnation is not None and self[:2] == before[:2]
        return same and before.at <= self.at < before.at + FORGET - OVERLAP


NEVER = _Asked("", None, 0)
