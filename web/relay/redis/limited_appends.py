"""Appends of posts that their token buckets let in.

Tokens are taken before the append, and given back if nothing was written. So a post that finds too few of
them waits for those that hold some, and is limited only if these are not given back.

Posts of a room are handed in in the order in which they came, so one that waits for its tokens holds up those
after it. All of them ask at the same time, so nobody waits much longer than for one answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic

from relay.log.log import Appended, IdTaken, LogFull, LogUnavailable, TooManyLogs
from relay.log.post import Post
from relay.log.rules import Denied
from relay.log.token_buckets import Limited, TokenBucket
from relay.redis.append import Lets, NewEntry, NotLetIn
from relay.redis.appends import Appends
from relay.redis.bucket_shares import BucketShares
from relay.redis.link import ANSWER
from relay.redis.names import Names
from relay.redis.token_buckets import RedisBuckets

SLOW = 0.4
"""Seconds. With those that a blocking request waits for its answer they are less than the 2 s of Log."""

Rates = Sequence[TokenBucket]
Take = Callable[[str, Rates], Awaitable[None]]
Append = Callable[[NewEntry], Awaitable[Appended]]


class _Holder:
    """A post that was let in and is not answered yet. `gave_back`: its tokens were not used."""

    __slots__ = ("ended", "gave_back", "rates")

    def __init__(self, rates: Rates) -> None:
        self.rates = rates
        self.ended = asyncio.Event()
        self.gave_back = False


class LimitedAppends:
    def __init__(self, appends: Appends, buckets: RedisBuckets, names: Names, *, shares: bool) -> None:
        """`shares`: whether this process lets a part of each bucket pass by itself. Not for one that may end
        soon, as what it owes then is never charged."""
        self._appends = appends
        self._shares = BucketShares(buckets) if shares else None
        self._buckets = self._shares or buckets
        self._names = names
        self._holders: set[_Holder] = set()
        # Of each room: the turn of the last post that waits. It is set once the next may be handed in.
        self._turns: dict[str, asyncio.Event] = {}

    async def append(self, room: str, post: Post) -> Appended:
        """Append a post. Raises as Log.append does."""
        begun = monotonic()
        creates = False
        if room not in self._turns and self._take_share(post.rates):
            try:
                return await self._append(room, post, self._appends.append)
            except NotLetIn:
                creates = True
        try:
            async with asyncio.timeout(ANSWER - (monotonic() - begun)):
                return await self._ask(room, post, self._take_in_turn, self._appends.append, creates=creates)
        except TimeoutError:
            raise LogUnavailable(f"Redis did not answer within {ANSWER} s") from None

    async def append_alone(self, room: str, post: Post) -> Appended:
        """Append a post without sharing a call with others who append. It awaits the link alone, so it needs
        no event loop where the link needs none. Raises as `append`."""
        begun = monotonic()

        async def take(_: str, rates: Rates) -> None:
            _in_time(begun)
            await self._buckets.take(rates)

        async def append(entry: NewEntry) -> Appended:
            _in_time(begun)
            return await self._appends.append_alone(entry)

        return await self._ask(room, post, take, append)

    async def _ask(
        self, room: str, post: Post, take: Take, append: Append, *, creates: bool = False
    ) -> Appended:
        """Take a post's tokens, and append it. The log alone knows whether the post creates it; then all
        begins anew with the tokens that this takes besides."""
        try:
            await take(room, _rates(post, creates=creates))
        except Limited as limited:
            try:
                # It may be a repetition, or a rule may keep it out.
                return await append(NewEntry.of(self._names, room, post, Lets.REPETITIONS))
            except NotLetIn:
                raise limited from None
        try:
            return await self._append(room, post, append, creates=creates)
        except NotLetIn:
            return await self._ask(room, post, take, append, creates=True)

    async def _append(self, room: str, post: Post, append: Append, *, creates: bool = False) -> Appended:
        """Append a post whose tokens were taken. Raises NotLetIn if it creates the log, and tokens for that
        were not taken."""
        lets = Lets.NO_NEW_LOG if post.creation.rates and not creates else Lets.ALL
        holder = _Holder(_rates(post, creates=creates))
        self._holders.add(holder)
        try:
            appended = await append(NewEntry.of(self._names, room, post, lets))
            if appended.duplicate:
                await self._give_back(holder, holder.rates)
            elif creates and appended.seq > 1:  # another post created the log meanwhile
                await self._give_back(holder, post.creation.rates)
            return appended
        except (Denied, IdTaken, LogFull, NotLetIn, TooManyLogs):
            # Not after a cancellation: who sends and closes the connection at once would never be limited.
            await self._give_back(holder, holder.rates)
            raise
        finally:
            self._holders.discard(holder)
            holder.ended.set()

    async def _give_back(self, holder: _Holder, rates: Rates) -> None:
        await self._buckets.give_back(rates)
        holder.gave_back = True

    def _take_share(self, rates: Rates) -> bool:
        return not rates or (self._shares is not None and self._shares.take_share(rates))

    async def _take_in_turn(self, room: str, rates: Rates) -> None:
        """Take tokens, and then wait for all who came before in this room. They take theirs at the same time.
        The next one goes on only after the caller has handed in its post, since it is woken then."""
        ahead, mine = self._turns.get(room), asyncio.Event()
        self._turns[room] = mine
        try:
            limited = await self._take(rates)
            if ahead is not None:
                await ahead.wait()
            if limited is not None:
                raise limited
        finally:
            mine.set()
            if self._turns.get(room) is mine:
                del self._turns[room]

    async def _take(self, rates: Rates) -> Limited | None:
        """Take tokens. Returns what limits if there are too few, and none are given back."""
        while True:
            try:
                await self._buckets.take(rates)
            except Limited as limited:
                if not await self._given_back(limited.bucket.key):
                    return limited
            else:
                return None

    async def _given_back(self, key: str) -> bool:
        """Wait for all posts that hold tokens of this bucket now. Returns whether one gave them back."""
        holders = [each for each in self._holders if any(bucket.key == key for bucket in each.rates)]
        for holder in holders:
            await holder.ended.wait()
        return any(holder.gave_back for holder in holders)


def _rates(post: Post, *, creates: bool) -> Rates:
    return [*post.rates, *post.creation.rates] if creates else post.rates


def _in_time(begun: float) -> None:
    """Raise LogUnavailable if what was asked before took so long that the next answer may be too late."""
    if monotonic() - begun > SLOW:
        raise LogUnavailable(f"Redis took more than {SLOW} s for its first answers")
