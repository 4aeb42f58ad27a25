"""Admission: what a post has to pass in this process before Redis is asked.

A process knows the rules, and which version of them; Redis says if others stand by now. Tokens are taken
before, and given back if nothing was written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol, TypeVar

from relay.log.amendments import Changed
from relay.log.log import IdTaken, LogFull, LogUnavailable, NoSuchEntry, TooManyLogs
from relay.log.post import Post
from relay.log.rules import Denied, RequirementUnmet
from relay.log.token_buckets import Limited
from relay.log.votes import TooManyKeys
from relay.redis.append import Lets, NewEntry, NotLetIn
from relay.redis.buckets import Buckets
from relay.redis.link import ANSWER
from relay.redis.rules import RedisRules
from relay.redis.ruling import Ruling, StaleRules

NO_ANSWER = f"Redis did not answer within {ANSWER} s"
RULES_READ = 10
"""How often an append has the rules read, if they change each time before it is written."""
NOTHING_WRITTEN = (
    *(Changed, Denied, IdTaken, Limited, LogFull, NoSuchEntry, RequirementUnmet, StaleRules),
    *(TooManyKeys, TooManyLogs),
)


class Answer(Protocol):
    @property
    def duplicate(self) -> bool:
        """Whether nothing was written."""


T = TypeVar("T", bound=Answer)
Ask = Callable[[NewEntry], Awaitable[T]]
"""Appends an entry, or raises why not."""
EntryOf = Callable[[Ruling], NewEntry]
"""Makes an entry of a post that was let in by these rules."""


class Admission:
    def __init__(self, rules: RedisRules, buckets: Buckets) -> None:
        self._rules = rules
        self._buckets = buckets

    async def let_in(self, post: Post, entry_of: EntryOf, append: Ask[T], ask: Ask[T]) -> T:
        """Append a post by the rules that this process knows, or else by those that stand. `ask`: appends the
        entry, or says why not; `append`: does it in its turn. Raises as both, and what keeps the post out."""
        deadline, version = asyncio.get_running_loop().time() + ANSWER, 0
        if (ruling := self._rules.known()) is not None:
            try:
                return await self._let_in(post, entry_of(ruling), ruling, append, ask)
            except StaleRules as stale:
                version = stale.version
        try:
            async with asyncio.timeout_at(deadline):
                return await self.let_in_alone(post, entry_of, append, ask, version)
        except TimeoutError:
            raise LogUnavailable(NO_ANSWER) from None

    async def let_in_alone(
        self, post: Post, entry_of: EntryOf, append: Ask[T], ask: Ask[T], version: int = 0
    ) -> T:
        """Append a post by the rules that stand. `version`: which ones do at least. It awaits the link alone,
        so it needs no event loop where the link needs none. Raises as `let_in`."""
        for _ in range(RULES_READ):
            ruling = self._rules.known(version) or await self._rules.load(version)
            try:
                return await self._let_in(post, entry_of(ruling), ruling, append, ask)
            except StaleRules as stale:
                version = stale.version
        raise LogUnavailable("The rules change faster than an entry is appended.")

    async def _let_in(self, post: Post, entry: NewEntry, ruling: Ruling, append: Ask[T], ask: Ask[T]) -> T:
        """Append a post that takes its tokens before, and gets them back if nothing was written. Raises
        StaleRules."""
        if denied := ruling.denied(post.preconditions):
            return await _answer_repetition(entry, denied, ask)
        try:
            await self._buckets.take(post.rates)
        except Limited as limited:
            return await _answer_repetition(entry, limited, ask)  # slow mode is said first
        try:
            answer = await append(entry)
        except NOTHING_WRITTEN:
            await self._buckets.give_back(post.rates)
            raise
        if answer.duplicate:
            await self._buckets.give_back(post.rates)
        return answer


async def _answer_repetition(entry: NewEntry, refusal: Exception, ask: Ask[T]) -> T:
    """Return the answer to a repetition, which is given all the same. Raises the refusal if it is none."""
    with suppress(NotLetIn):
        return await ask(entry.letting(Lets.NOTHING))
    raise refusal
