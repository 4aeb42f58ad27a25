"""The log in this process' memory, lost when the process ends. For a single process and for tests."""

import secrets
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from relay.log.amendments import Amendment, Changed, check_amendments
from relay.log.log import Appended, Entry, Head, IdTaken, NoSuchEntry, Page, TooManyLogs, Voted
from relay.log.numbers import check_page, with_number
from relay.log.post import Post, check
from relay.log.rules import Denied, RequirementUnmet
from relay.log.token_buckets import TokenBucket
from relay.log.votes import Vote, Voter, check_vote
from relay.memory.records import MemoryRecords
from relay.memory.rules import MemoryRules
from relay.memory.token_buckets import MemoryBuckets
from relay.memory.votes import MemoryVotes


class _Room:
    def __init__(self) -> None:
        self.epoch = secrets.token_urlsafe(6)
        self.seq = 0
        self.entries: list[Entry] = []
        # By deduplication key: answer, what a repetition must repeat, when it is forgotten. Dicts keep their
        # order, so the oldest is first.
        self.ids: dict[str, tuple[Appended, bytes, float]] = {}
        self.votes = MemoryVotes()

    def forget(self, now: float) -> None:
        while self.ids:
            oldest = next(iter(self.ids))
            if self.ids[oldest][2] > now:
                break
            del self.ids[oldest]

    @property
    def gone(self) -> int:
        """How many entries were trimmed."""
        return self.seq - len(self.entries)

    def find(self, seq: int, id: str) -> Entry:
        """Return an entry. Raises NoSuchEntry."""
        if self.gone < seq <= self.seq and (entry := self.entries[seq - 1 - self.gone]).id == id:
            return entry
        raise NoSuchEntry(f"the log has no entry {seq} with the id {id}")


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
        log = self._rooms.get(room) or _Room()
        if first := self._let_in(room, log, post):
            return first
        rates = post.rates
        if room not in self._rooms:
            if 0 < post.creation.most <= len(self._rooms):
                raise TooManyLogs(f"there are {len(self._rooms)} logs already")
            rates = [*rates, *post.creation.rates]
        self._take(rates)
        self._rooms[room] = log
        return self._append(room, log, post)

    async def amend(
        self, room: str, seq: int, id: str, data: bytes, notice_id: str, notice: bytes
    ) -> Appended:
        return await self.amend_each(room, [Amendment(seq, id, data)], notice_id, notice)

    async def amend_each(
        self, room: str, amendments: Sequence[Amendment], notice_id: str, notice: bytes
    ) -> Appended:
        return await self.amend_by(room, amendments, Post(notice_id, notice))

    async def amend_by(self, room: str, amendments: Sequence[Amendment], post: Post) -> Appended:
        check_amendments(amendments)
        log = self._rooms.get(room) or _Room()
        if first := self._let_in(room, log, post):
            return first
        for seq, id, _, was, _ in amendments:
            if was not in (None, log.find(seq, id).data):
                raise Changed(f"entry {seq} has other data by now")
        self._take(post.rates)
        for seq, id, data, _, field in amendments:
            new = data if field is None else with_number(data, field, log.seq + 1)
            log.entries[seq - 1 - log.gone] = replace(log.find(seq, id), data=new)
        return self._append(room, log, post)

    async def vote(self, room: str, vote: Vote, post: Post) -> Voted:
        check_vote(vote, post)
        log = self._rooms.get(room) or _Room()
        if first := self._let_in(room, log, post, dedup=vote.dedup):
            return Voted(first, log.votes.count(vote))
        if not log.find(vote.seq, vote.id).data.startswith(vote.begins):
            raise NoSuchEntry(f"entry {vote.seq} of the log takes no such vote")
        if not log.votes.changes(vote):
            return Voted(None, log.votes.count(vote))
        self._take(post.rates)
        log.votes.change(vote, log.seq + 1)
        count = log.votes.count(vote)
        data = with_number(post.data, "count", count)
        said = post._replace(data=data, fingerprint=post.repeated)
        return Voted(self._append(room, log, said, dedup=vote.dedup), count)

    def _let_in(self, room: str, log: _Room, post: Post, *, dedup: bool = True) -> Appended | None:
        """Return the answer to a repetition. Raises what keeps a new entry out of a log, but for its token
        buckets."""
        check(room, post)
        requires = post.preconditions.requires
        if requires is not None and not self._records.has(*requires):
            raise RequirementUnmet(post.id)
        log.forget(time.monotonic())
        if dedup and (known := log.ids.get(post.dedup_key)):
            first, repeated, _ = known
            if repeated != post.repeated:
                raise IdTaken(post.id)
            return Appended(first.epoch, first.seq, first.at, duplicate=True)
        denying = post.preconditions.deny_field
        if denying is not None and self._records.has(*denying):
            raise Denied(denying.field, None)
        self.rules.check(room, post.preconditions)
        return None

    def _take(self, rates: Sequence[TokenBucket]) -> None:
        self._buckets.take(rates, time.monotonic_ns() // 1000)

    def _append(self, room: str, log: _Room, post: Post, *, dedup: bool = True) -> Appended:
        log.seq += 1
        entry = Entry(room, log.epoch, log.seq, post.id, time.time_ns() // 1_000_000, post.data)
        log.entries.append(entry)
        if self._keep and len(log.entries) >= 2 * self._keep:
            del log.entries[: -self._keep]
            log.votes.trim(log.gone + 1)
        answer = Appended(log.epoch, entry.seq, entry.at, duplicate=False)
        if dedup:
            log.ids[post.dedup_key] = answer, post.repeated, time.monotonic() + self._dedup_ttl
        self.rules.appended(room, post.preconditions)
        self._deliver(entry)
        return answer

    async def voted(self, room: str, voter_id: str, entries: Collection[Entry]) -> set[tuple[int, str]]:
        log = self._rooms.get(room)
        return set() if log is None else log.votes.voted(voter_id, entries)

    async def voters(self, room: str, seq: int, key: str | None = None, limit: int = 100) -> list[Voter]:
        log = self._rooms.get(room)
        return [] if log is None else log.votes.voters(seq, key, limit)

    async def forget_voter(self, room: str, voter_id: str) -> None:
        if (log := self._rooms.get(room)) is not None:
            log.votes.forget(voter_id)

    async def logs(self) -> set[str]:
        return set(self._rooms)

    async def clear(self, room: str) -> None:
        self._rooms.pop(room, None)

    async def read(
        self, room: str, *, after: int | None = None, before: int | None = None, limit: int = 200
    ) -> Page:
        check_page(after, before, limit)
        log = self._rooms.get(room)
        if log is None:
            return Page(Head("", 0), [], more=False)
        low = max(0, (after or 0) - log.gone)
        high = len(log.entries) if before is None else max(0, before - 1 - log.gone)
        found = log.entries[low:high]
        rows = found[:limit] if after is not None else found[-limit:]
        rows = [replace(row, tally=tally) if (tally := log.votes.tally(row.seq)) else row for row in rows]
        return Page(Head(log.epoch, log.seq), rows, more=len(found) > limit)

    async def head(self, room: str) -> Head:
        log = self._rooms.get(room)
        return Head("", 0) if log is None else Head(log.epoch, log.seq)

    async def heads(self, rooms: Collection[str]) -> dict[str, Head]:
        return {room: await self.head(room) for room in rooms}
