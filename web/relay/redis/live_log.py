"""The log of a worker with members: the answer to an append comes after the entry has come as a broadcast.

Redis sends both at once, over two connections, and the answer is often first. The client then gets the
answer in one write, and its own entry in the next. Here the answer waits for the entry, which is queued for
the room's members, and both are in one write (see BufferedSocket.send). In a room of two that is up to a
third fewer writes, and each costs the worker, nginx and the client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from relay.delivery.follower import Follower
from relay.log.amendments import Amendment
from relay.log.log import Appended, Entry, Voted
from relay.log.post import Post
from relay.log.votes import Vote
from relay.redis.buckets import RedisBuckets
from relay.redis.link import Link
from relay.redis.log import RedisLog
from relay.redis.names import Names
from relay.redis.worker_buckets import WorkerBuckets

LONGEST_WAIT = 0.01
"""Seconds that an answer waits at most. A worker that has much to read, or reads nothing just now, answers
without the entry."""


class LiveLog(RedisLog):
    follower: Follower
    """What delivers the entries of this log; to be set once it is made."""

    def __init__(self, link: Link, names: Names, *, keep: int, dedup_ttl: int) -> None:
        """See RedisLog."""
        self._worker_buckets = WorkerBuckets(RedisBuckets(link, names))
        super().__init__(link, names, self._worker_buckets, keep=keep, dedup_ttl=dedup_ttl)
        self._awaited: dict[tuple[str, int], asyncio.Future[None]] = {}

    async def append(self, room: str, post: Post) -> Appended:
        """Extends RedisLog.append: waits until members on this worker are about to get the entry."""
        appended = await super().append(room, post)
        await self._delivered(room, appended)
        return appended

    async def amend_by(self, room: str, amendments: Sequence[Amendment], post: Post) -> Appended:
        """Extends RedisLog.amend_by: waits as `append` does."""
        appended = await super().amend_by(room, amendments, post)
        await self._delivered(room, appended)
        return appended

    async def vote(self, room: str, vote: Vote, post: Post) -> Voted:
        """Extends RedisLog.vote: waits as `append` does."""
        voted = await super().vote(room, vote, post)
        if voted.appended is not None:
            await self._delivered(room, voted.appended)
        return voted

    async def stop(self) -> None:
        """Charge what passed the rate limits; nothing may be appended any more."""
        await self._worker_buckets.stop()

    async def _delivered(self, room: str, appended: Appended) -> None:
        if not appended.duplicate and self.follower.lacks(room, appended.seq):
            await self._entry_of(room, appended.seq)

    async def _entry_of(self, room: str, seq: int) -> None:
        loop = asyncio.get_running_loop()
        came = self._awaited[room, seq] = loop.create_future()
        timer = loop.call_later(LONGEST_WAIT, _set, came)
        try:
            await came
        finally:
            timer.cancel()
            self._awaited.pop((room, seq), None)

    def came(self, entry: Entry) -> None:
        """Learn that an entry is delivered next. Whoever waits for it goes on before the members are written
        to, so that the answer is in the same write."""
        if (came := self._awaited.get((entry.room, entry.seq))) is not None:
            _set(came)


def _set(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
