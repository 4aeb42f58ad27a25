"""The log on Redis Streams. Needs Redis 8 (hashes whose fields expire, HSETEX).

A room has three keys (see names.py): the stream, a hash with epoch and last number, and a hash with what was
posted within the deduplication time-to-live, by author and id. The last costs about 100 bytes an entry. Once
something was amended, there is a fourth: the entries that amend.lua took out of the stream. Reads merge both.
Each partition has a sorted set of the rooms whose log changed lately, so that a worker need not ask about
all.
After restoring a backup into one Redis each head has to get a fresh `epoch`, because the numbers that were
given after the backup was taken will be given again. In a cluster the next entry of each log gets one by
itself; see epoch.lua.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress

from relay.log.log import (
    Amendment,
    Appended,
    Entry,
    Head,
    IdTaken,
    LogFull,
    LogUnavailable,
    NoSuchEntry,
    Page,
    TooManyLogs,
)
from relay.log.post import Post, check
from relay.log.rules import Denied, RequirementUnmet
from relay.log.token_buckets import Limited
from relay.redis.append import Lets, NewEntry, NotLetIn, digest
from relay.redis.appends import Appends
from relay.redis.buckets import Buckets, RedisBuckets
from relay.redis.commands import Command
from relay.redis.link import ANSWER, Link
from relay.redis.names import Names, RoomNames
from relay.redis.new_logs import NewLogs
from relay.redis.rules import RedisRules
from relay.redis.ruling import Ruling, StaleRules
from relay.redis.script import Script
from relay.support.single_flight import SingleFlight

NO_ANSWER = f"Redis did not answer within {ANSWER} s"

RULES_READ = 10
"""How often an append has the rules read, if they change each time before it is written."""

Append = Callable[[str, Post, NewEntry], Awaitable[Appended]]
AppendEntry = Callable[[NewEntry], Awaitable[Appended]]


class RedisLog:
    def __init__(
        self, link: Link, names: Names, buckets: Buckets | None = None, *, keep: int, dedup_ttl: int
    ) -> None:
        """`buckets`: what lets posts in; those in Redis by default. `keep`: entries that a room keeps at
        least, trimmed in blocks of about 100; 0 keeps all. `dedup_ttl`: seconds for which a post is
        remembered."""
        self.rules = RedisRules(link, names)
        self._link = link
        self._names = names
        self._buckets = buckets or RedisBuckets(link, names)
        self._appends = Appends(link, keep=keep, dedup_ttl=dedup_ttl)
        self._new_logs = NewLogs(link, names, self._buckets, self._appends)
        self._amend = Script(link, "epoch.lua", "changed.lua", "amend.lua", allow_oom=True)
        self._clear = Script(link, "changed.lua", "clear.lua", allow_oom=True)
        self._reads = SingleFlight[Page]()
        self._dedup_ttl = dedup_ttl

    async def append(self, room: str, post: Post) -> Appended:
        check(room, post)
        deadline, version = asyncio.get_running_loop().time() + ANSWER, 0
        if (ruling := self.rules.known()) is not None:
            try:
                return await self._let_in(room, post, ruling, self._append, self._appends.append)
            except StaleRules as stale:
                version = stale.version
        try:
            async with asyncio.timeout_at(deadline):
                return await self._read_rules(room, post, version, self._append, self._appends.append)
        except TimeoutError:
            raise LogUnavailable(NO_ANSWER) from None

    async def append_alone(self, room: str, post: Post) -> Appended:
        """Return what `append` returns, without sharing a call with others who append. It awaits the link
        alone, so it needs no event loop where the link needs none."""
        check(room, post)
        return await self._read_rules(room, post, 0, self._append_alone, self._appends.append_alone)

    async def _read_rules(
        self, room: str, post: Post, version: int, append: Append, ask: AppendEntry
    ) -> Appended:
        """Append a post by the rules that stand. `version`: which ones do at least."""
        for _ in range(RULES_READ):
            ruling = self.rules.known(version) or await self.rules.load(version)
            try:
                return await self._let_in(room, post, ruling, append, ask)
            except StaleRules as stale:
                version = stale.version
        raise LogUnavailable("The rules change faster than an entry is appended.")

    async def _let_in(
        self, room: str, post: Post, ruling: Ruling, append: Append, ask: AppendEntry
    ) -> Appended:
        """Append a post that takes its tokens before, and gets them back if nothing was written. `ask`:
        appends an entry, or says why not. Raises StaleRules."""
        entry = NewEntry.of(self._names.of(room), post, ruling)
        if denied := ruling.denied(post.preconditions):
            return await _answer_repetition(entry, denied, ask)
        try:
            await self._buckets.take(post.rates)
        except Limited as limited:
            return await _answer_repetition(entry, limited, ask)  # slow mode is said first
        try:
            appended = await append(room, post, entry)
        except (Denied, IdTaken, Limited, LogFull, RequirementUnmet, StaleRules, TooManyLogs):
            await self._buckets.give_back(post.rates)
            raise
        if appended.duplicate:
            await self._buckets.give_back(post.rates)
        return appended

    async def _append(self, room: str, post: Post, entry: NewEntry) -> Appended:
        deadline = asyncio.get_running_loop().time() + ANSWER
        if not self._new_logs.begins(room):
            with suppress(NotLetIn):
                return await self._appends.append(entry)
        try:
            async with asyncio.timeout_at(deadline):
                return await self._new_logs.in_turn(room, post.creation, entry)
        except TimeoutError:
            raise LogUnavailable(NO_ANSWER) from None

    async def _append_alone(self, room: str, post: Post, entry: NewEntry) -> Appended:
        return await self._new_logs.append(room, post.creation, entry, self._appends.append_alone)

    async def amend(
        self, room: str, seq: int, id: str, data: bytes, notice_id: str, notice: bytes
    ) -> Appended:
        return await self.amend_each(room, [Amendment(seq, id, data)], notice_id, notice)

    async def amend_each(
        self, room: str, amendments: Sequence[Amendment], notice_id: str, notice: bytes
    ) -> Appended:
        names = self._names.of(room)
        about = (
            notice_id,
            digest(notice),
            self._dedup_ttl,
            names.live,
            notice,
            room,
            int(self._link.in_cluster),
        )
        words = (word for amendment in amendments for word in amendment)
        call = (5, *_keys(names), names.partition.changed_logs, *about, *words)
        (reply,) = await self._amend.run(call)
        if reply is None:
            raise NoSuchEntry(f"room {room} has no such entry, of {[each[:2] for each in amendments]}")
        epoch, written, duplicate = reply
        number, at, _ = written.decode().split()
        return Appended(epoch.decode(), int(number), int(at), bool(duplicate))

    async def logs(self) -> set[str]:
        (rooms,) = await self._link.send(("SMEMBERS", self._names.logs))
        return {room.decode() for room in rooms}

    async def clear(self, room: str) -> None:
        # In this order: a log that is there can't be made, so none is made that is not listed.
        await self._link.send(("SREM", self._names.logs, room))
        names = self._names.of(room)
        await self._clear.run((5, names.partition.changed_logs, *_keys(names), room))

    async def read(
        self, room: str, *, after: int | None = None, before: int | None = None, limit: int = 200
    ) -> Page:
        try:
            async with asyncio.timeout(ANSWER):
                return await self._reads.get(
                    (room, after, before, limit), lambda: self.read_alone(room, after, before, limit)
                )
        except TimeoutError:
            raise LogUnavailable(NO_ANSWER) from None

    async def read_alone(self, room: str, after: int | None, before: int | None, limit: int) -> Page:
        """Return what `read` returns, without sharing the answer with others who ask the same."""
        names = self._names.of(room)
        log, amended = names.log, names.amended
        low, first = ("-", "-inf") if after is None else (f"({after}-0", f"({after}")
        high, last = ("+", "+inf") if before is None else (f"({before}-0", f"({before}")
        # One entry beyond the limit tells whether there is more.
        count = limit + 1
        reading: tuple[Command, ...]
        if after is not None:
            reading = (
                ("XRANGE", log, low, high, "COUNT", count),
                ("ZRANGE", amended, first, last, "BYSCORE", "LIMIT", 0, count),
            )
        else:
            reading = (
                ("XREVRANGE", log, high, low, "COUNT", count),
                ("ZRANGE", amended, last, first, "BYSCORE", "REV", "LIMIT", 0, count),
            )
        top, rows, others = await self._link.transaction(_head_command(names), *reading)
        head = _head(top)
        entries = [_entry(room, head.epoch, *row) for row in rows]
        if others:
            entries += [_amended_entry(room, head.epoch, row) for row in others]
            entries.sort(key=lambda entry: entry.seq, reverse=after is None)
        found = entries[:limit]
        if after is None:
            found.reverse()
        return Page(head, found, more=len(entries) > limit)

    async def head(self, room: str) -> Head:
        return (await self.heads([room]))[room]

    async def heads(self, rooms: Collection[str]) -> dict[str, Head]:
        if not rooms:
            return {}
        replies = await self._link.send(*(_head_command(self._names.of(room)) for room in rooms))
        return {room: _head(reply) for room, reply in zip(rooms, replies, strict=True)}


def live_entry(room: str, payload: bytes) -> Entry:
    """Return the entry in a broadcast of append.lua."""
    epoch, seq, at, length, rest = payload.split(b" ", 4)
    cut = int(length)
    return Entry(room, epoch.decode(), int(seq), rest[:cut].decode(), int(at), rest[cut:])


async def _answer_repetition(entry: NewEntry, refusal: Exception, ask: AppendEntry) -> Appended:
    """Return the answer to a repetition, which is given all the same. Raises the refusal if it is none."""
    with suppress(NotLetIn):
        return await ask(entry.letting(Lets.NOTHING))
    raise refusal


def _keys(names: RoomNames) -> tuple[str, ...]:
    return names.log, names.head, names.ids, names.amended


def _head_command(names: RoomNames) -> tuple[str, ...]:
    return ("HMGET", names.head, "epoch", "seq")


def _head(reply: list[bytes | None]) -> Head:
    epoch, seq = reply
    return Head((epoch or b"").decode(), int(seq or 0))


def _entry(room: str, epoch: str, key: bytes, fields: list[bytes]) -> Entry:
    _, id, _, at, _, data = fields
    return Entry(room, epoch, int(key.split(b"-")[0]), id.decode(), int(at), data)


def _amended_entry(room: str, epoch: str, row: bytes) -> Entry:
    seq, at, length, rest = row.split(b" ", 3)
    cut = int(length)
    return Entry(room, epoch, int(seq), rest[:cut].decode(), int(at), rest[cut:])
