"""The log on Redis Streams. Needs Redis 8 (hashes whose fields expire, HSETEX).

A room has three keys (see names.py): the stream, a hash with epoch and last number, and a hash with what was
posted within the deduplication time-to-live, by author and id. The last costs about 100 bytes an entry. Once
something was amended, there is a fourth: the entries that amend.lua took out of the stream; and three more
once somebody voted (see votes.py).
Each partition has a sorted set of the rooms whose log changed lately, so that a worker need not ask about
all.
After restoring a backup into one Redis each head has to get a fresh `epoch`, because the numbers that were
given after the backup was taken will be given again. In a cluster the next entry of each log gets one by
itself; see epoch.lua.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from functools import partial

from relay.log.amendments import Amendment, check_amendments
from relay.log.log import Appended, Entry, Head, LogUnavailable, Page, Voted
from relay.log.numbers import check_page
from relay.log.post import Post, check
from relay.log.votes import Vote, Voter, check_vote
from relay.redis.admission import NO_ANSWER, Admission, Ask, EntryOf, T
from relay.redis.amending import Amending
from relay.redis.append import Lets, NewEntry, NotLetIn
from relay.redis.appends import Appends
from relay.redis.buckets import Buckets, RedisBuckets
from relay.redis.link import ANSWER, Link
from relay.redis.names import Names
from relay.redis.new_logs import NewLogs
from relay.redis.pages import head_command, head_of, page_of, reading
from relay.redis.rules import RedisRules
from relay.redis.ruling import ANY_RULES
from relay.redis.script import Script
from relay.redis.votes import RedisVotes
from relay.support.single_flight import SingleFlight


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
        buckets = buckets or RedisBuckets(link, names)
        self._admission = Admission(self.rules, buckets)
        self._appends = Appends(link, keep=keep, dedup_ttl=dedup_ttl)
        self._new_logs = NewLogs(link, names, buckets, self._appends)
        self._amending = Amending(link, self._appends)
        self._votes = RedisVotes(link, self._appends)
        self._clear = Script(link, "changed.lua", "clear.lua", allow_oom=True)
        self._reads = SingleFlight[Page]()
        self._trims = keep > 0

    async def append(self, room: str, post: Post) -> Appended:
        check(room, post)
        append = partial(self._append, room, post)
        return await self._admission.let_in(post, self._making(room, post), append, self._appends.append)

    async def append_alone(self, room: str, post: Post) -> Appended:
        """Return what `append` returns, without sharing a call with others who append. It awaits the link
        alone, so it needs no event loop where the link needs none."""
        check(room, post)
        ask = self._appends.append_alone

        async def append(entry: NewEntry) -> Appended:
            return await self._new_logs.append(room, post.creation, entry, ask)

        return await self._admission.let_in_alone(post, self._making(room, post), append, ask)

    def _making(self, room: str, post: Post) -> EntryOf:
        return partial(NewEntry.of, self._names.of(room), post, trims=self._trims)

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

    async def amend(
        self, room: str, seq: int, id: str, data: bytes, notice_id: str, notice: bytes
    ) -> Appended:
        return await self.amend_each(room, [Amendment(seq, id, data)], notice_id, notice)

    async def amend_each(
        self, room: str, amendments: Sequence[Amendment], notice_id: str, notice: bytes
    ) -> Appended:
        post = Post(notice_id, notice)
        check(room, post)
        check_amendments(amendments)
        entry = NewEntry.of(self._names.of(room), post, ANY_RULES, trims=True).letting(Lets.LOG)
        return await self._amending.amend(amendments, entry, in_full=True)

    async def amend_by(self, room: str, amendments: Sequence[Amendment], post: Post) -> Appended:
        check_amendments(amendments)
        return await self._change(room, post, partial(self._amending.amend, amendments))

    async def vote(self, room: str, vote: Vote, post: Post) -> Voted:
        check_vote(vote, post)
        return await self._change(room, post, partial(self._votes.vote, vote))

    async def _change(self, room: str, post: Post, ask: Ask[T]) -> T:
        """Append a post that is about other entries. It makes no log, since one without them has none."""
        check(room, post)
        entry_of = partial(NewEntry.of, self._names.of(room), post, trims=True)
        return await self._admission.let_in(post, entry_of, lambda entry: ask(entry.letting(Lets.LOG)), ask)

    async def voted(self, room: str, voter_id: str, entries: Collection[Entry]) -> set[tuple[int, str]]:
        return await self._votes.voted(self._names.of(room), voter_id, entries)

    async def voters(self, room: str, seq: int, key: str | None = None, limit: int = 100) -> list[Voter]:
        return await self._votes.voters(self._names.of(room), seq, key, limit)

    async def forget_voter(self, room: str, voter_id: str) -> None:
        await self._votes.forget(self._names.of(room), voter_id)

    async def logs(self) -> set[str]:
        (rooms,) = await self._link.send(("SMEMBERS", self._names.logs))
        return {room.decode() for room in rooms}

    async def clear(self, room: str) -> None:
        # In this order: a log that is there can't be made, so none is made that is not listed.
        await self._link.send(("SREM", self._names.logs, room))
        names = self._names.of(room)
        kept = names.log, names.head, names.ids, names.amended, names.tallies, names.votes, names.voters
        await self._clear.run((1 + len(kept), names.partition.changed_logs, *kept, room))

    async def read(
        self, room: str, *, after: int | None = None, before: int | None = None, limit: int = 200
    ) -> Page:
        check_page(after, before, limit)
        try:
            async with asyncio.timeout(ANSWER):
                return await self._reads.get(
                    (room, after, before, limit), lambda: self.read_alone(room, after, before, limit)
                )
        except TimeoutError:
            raise LogUnavailable(NO_ANSWER) from None

    async def read_alone(self, room: str, after: int | None, before: int | None, limit: int) -> Page:
        """Return what `read` returns, without sharing the answer with others who ask the same."""
        check_page(after, before, limit)
        replies = await self._link.transaction(*reading(self._names.of(room), after, before, limit))
        return page_of(room, replies, newest=after is None, limit=limit)

    async def head(self, room: str) -> Head:
        return (await self.heads([room]))[room]

    async def heads(self, rooms: Collection[str]) -> dict[str, Head]:
        if not rooms:
            return {}
        replies = await self._link.send(*(head_command(self._names.of(room)) for room in rooms))
        return {room: head_of(reply) for room, reply in zip(rooms, replies, strict=True)}
