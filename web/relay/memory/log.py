"""The log in this process' memory, lost when the process ends. For a single process and for tests."""

import secrets
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from relay.log.log import (
    Amendment,
    Appended,
    Entry,
    Head,
    IdTaken,
    NoSuchEntry,
    Page,
    TooManyLogs,
)
from relay.log.post import Post, check
from relay.log.rules import Denied, RequirementUnmet
from relay.memory.records import MemoryRecords
from relay.memory.rules import MemoryRules
from relay.memory.token_buckets import MemoryBuckets


class _Room:
    def __init__(self) -> None:
        self.epoch = secrets.token_urlsafe(6)
        self.seq = 0
        self.entries: list[Entry] = []
        # By deduplication key: answer, what a repetition must repeat, when it is forgotten. Dicts keep their
        # order, so the oldest is first.
        self.ids: dict[str, tuple[Appended, bytes, float]] = {}

    def forget(self, now: float) -> None:
        while self.ids:
            oldest = next(iter(self.ids))
            if self.ids[oldest][2] > now:
                break
            del self.ids[oldest]


class MemoryLog:
    """Calls `deliver` with each new entry, in the order of the log."""

    def __init__(
        self,
        deliver: Callable[[Entry], None],
        records: MemoryRecords | None = None,
        *,
        keep: int,
        dedup_ttl: int,
    ) -> None:
        """`records`: where the rooms' records are, of which posts may require something; none by default.
        `keep`: entries that a room keeps at least, and at most twice as many; 0 keeps all. `dedup_ttl`:
        seconds for which a post is remembered."""
        self.rules = MemoryRules()
        self._deliver = deliver
        self._records = records or MemoryRecords()
        self._keep = keep
        self._dedup_ttl = dedup_ttl
        self._rooms: dict[str, _Room] = {}
        self._buckets = MemoryBuckets()

    async def append(self, room: str, post: Post) -> Appended:
        check(room, post)
        requires = post.preconditions.requires
        if requires is not None and not self._records.has(*requires):
            raise RequirementUnmet(post.id)
        log = self._rooms.get(room) or _Room()
        log.forget(time.monotonic())
        if known := log.ids.get(post.dedup_key):
            first, repeated, _ = known
            if repeated != post.repeated:
                raise IdTaken(post.id)
            return Appended(first.epoch, first.seq, first.at, duplicate=True)
        denying = post.preconditions.deny_field
        if denying is not None and self._records.has(*denying):
            raise Denied(denying.field, None)
        self.rules.check(room, post.preconditions)
        rates = post.rates
        if room not in self._rooms:
            if 0 < post.creation.most <= len(self._rooms):
                raise TooManyLogs(f"there are {len(self._rooms)} logs already")
            rates = [*rates, *post.creation.rates]
        self._buckets.take(rates, time.monotonic_ns() // 1000)
        self._rooms[room] = log
        answer = self._append(room, log, post)
        self.rules.appended(room, post.preconditions)
        return answer

    async def amend(
        self, room: str, seq: int, id: str, data: bytes, notice_id: str, notice: bytes
    ) -> Appended:
        return await self.amend_each(room, [Amendment(seq, id, data)], notice_id, notice)

    async def amend_each(
        self, room: str, amendments: Sequence[Amendment], notice_id: str, notice: bytes
    ) -> Appended:
        log = self._rooms.get(room, _Room())
        log.forget(time.monotonic())
        if known := log.ids.get(notice_id):
            first = known[0]
            return Appended(first.epoch, first.seq, first.at, duplicate=True)
        gone = log.seq - len(log.entries)
        for seq, id, _ in amendments:
            if not gone < seq <= log.seq or log.entries[seq - 1 - gone].id != id:
                raise NoSuchEntry(f"room {room} has no entry {seq} with the id {id}")
        for seq, _, data in amendments:
            log.entries[seq - 1 - gone] = replace(log.entries[seq - 1 - gone], data=data)
        return self._append(room, log, Post(notice_id, notice))

    def _append(self, room: str, log: _Room, post: Post) -> Appended:
        log.seq += 1
        entry = Entry(room, log.epoch, log.seq, post.id, time.time_ns() // 1_000_000, post.data)
        log.entries.append(entry)
        if self._keep and len(log.entries) >= 2 * self._keep:
            del log.entries[: -self._keep]
        answer = Appended(log.epoch, entry.seq, entry.at, duplicate=False)
        log.ids[post.dedup_key] = answer, post.repeated, time.monotonic() + self._dedup_ttl
        self._deliver(entry)
        return answer

    async def logs(self) -> set[str]:
        return set(self._rooms)

    async def clear(self, room: str) -> None:
        self._rooms.pop(room, None)

    async def read(
        self, room: str, *, after: int | None = None, before: int | None = None, limit: int = 200
    ) -> Page:
        log = self._rooms.get(room)
        if log is None:
            return Page(Head("", 0), [], more=False)
        gone = log.seq - len(log.entries)
        low = max(0, (after or 0) - gone)
        high = len(log.entries) if before is None else max(0, before - 1 - gone)
        found = log.entries[low:high]
        rows = found[:limit] if after is not None else found[-limit:]
        return Page(Head(log.epoch, log.seq), rows, more=len(found) > limit)

    async def head(self, room: str) -> Head:
        log = self._rooms.get(room)
        return Head("", 0) if log is None else Head(log.epoch, log.seq)

    async def heads(self, rooms: Collection[str]) -> dict[str, Head]:
        return {room: await self.head(room) for room in rooms}
