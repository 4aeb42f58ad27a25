"""The appends of a process go together: what comes while a call of append.lua is under way is the next call.

Redis works on a call of many entries half as long as on as many calls, and the process packs and awaits one.
An append that finds none under way goes at once, with those of the same moment; nothing waits for a timer.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from relay.log.log import Appended, LogUnavailable
from relay.redis.append import NewEntry, call_for
from relay.redis.link import ANSWER, Command, Link
from relay.redis.names import Names
from relay.redis.script import Script

CALL = 64
"""Entries in a call at most. Redis does nothing else meanwhile: some 3 ms."""
CALL_BYTES = 256 * 1024
"""Bytes of a call at most, if it has more than one entry. Redis keeps the arguments in memory meanwhile."""
CALLS = 4
"""Calls that are sent together at most. The rest waits its turn, so that other requests get theirs."""


class _Waiting(NamedTuple):
    entry: NewEntry
    reply: asyncio.Future[list[Any]]


class Appends:
    def __init__(self, link: Link, names: Names, *, keep: int, dedup_ttl: int) -> None:
        """`keep` and `dedup_ttl`: as of RedisLog."""
        self._script = Script(link, "bucket.lua", "append.lua")
        self._names = names
        self._keep = keep
        self._dedup_ttl = dedup_ttl
        self._waiting: deque[_Waiting] = deque()
        self._sending: asyncio.Task[None] | None = None

    async def append(self, entry: NewEntry) -> Appended:
        """Append an entry together with others. Raises as Log.append does, whatever becomes of the others. If
        the caller is cancelled, or gives up, before the entry is sent, it is not sent."""
        reply: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(entry, reply))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())
        try:
            async with asyncio.timeout(ANSWER):
                return entry.answer(await reply)
        except TimeoutError:
            raise LogUnavailable(f"Redis did not answer within {ANSWER} s") from None

    async def append_alone(self, entry: NewEntry) -> Appended:
        """Append an entry in a call of its own. It awaits the link alone, so it needs no event loop where the
        link needs none. Raises as `append`."""
        ((reply,),) = await self._script.run(self._call([entry]))
        return entry.answer(reply)

    async def _send(self) -> None:
        while batches := list(self._take()):
            calls = [self._call([each.entry for each in batch]) for batch in batches]
            try:
                answers = await self._script.run(*calls)
            except Exception as error:
                for each in (each for batch in batches for each in batch):
                    if not each.reply.done():
                        each.reply.set_exception(_own(error))
            else:
                for batch, replies in zip(batches, answers, strict=True):
                    for each, reply in zip(batch, replies, strict=True):
                        if not each.reply.done():
                            each.reply.set_result(reply)

    def _take(self) -> Iterator[list[_Waiting]]:
        """Yield the entries of the next calls. Whatever decides which entries may share a call is here."""
        for _ in range(CALLS):
            batch: list[_Waiting] = []
            size = 0
            while self._waiting and len(batch) < CALL:
                if self._waiting[0].reply.done():  # its caller gave up, and must not see it done later
                    self._waiting.popleft()
                    continue
                size += self._waiting[0].entry.size
                if batch and size > CALL_BYTES:
                    break
                batch.append(self._waiting.popleft())
            if batch:
                yield batch

    def _call(self, entries: list[NewEntry]) -> Command:
        return call_for(entries, self._names, keep=self._keep, dedup_ttl=self._dedup_ttl)


def _own(error: Exception) -> Exception:
    """Return an error for one caller: each that raises an error adds to its traceback."""
    return type(error)(*error.args) if isinstance(error, LogUnavailable) else error
