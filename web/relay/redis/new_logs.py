"""The first post of a room makes its log. There may be so many logs and no more, and each is listed.

The list is one key that all rooms share, so it is asked only here: append.lua says that a room has no log,
and then the log is listed and the post appended once more. Later posts of the room wait meanwhile, so that
posts stay in the order in which they came.

A name that was listed stays listed, also if the post is refused after that or the worker ends. It took the
tokens for making a log, and the room's next post takes none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from relay.log.log import Appended, TooManyLogs
from relay.log.post import LogCreation
from relay.redis.append import Lets, NewEntry, NotLetIn
from relay.redis.appends import Appends
from relay.redis.buckets import Buckets
from relay.redis.link import Link
from relay.redis.names import Names
from relay.redis.reserve import ANYBODY
from relay.redis.script import Script

Append = Callable[[NewEntry], Awaitable[Appended]]


class NewLogs:
    def __init__(self, link: Link, names: Names, buckets: Buckets, appends: Appends) -> None:
        self._logs = names.logs
        self._buckets = buckets
        self._appends = appends
        self._list = Script(link, "reserve.lua", "list_log.lua")
        self._turns: dict[str, _Turns] = {}

    def begins(self, room: str) -> bool:
        """Return whether the room's first post is under way here. The next ones have to take their turn."""
        return room in self._turns

    async def in_turn(self, room: str, creation: LogCreation, entry: NewEntry) -> Appended:
        """Append an entry to a room that may have no log, behind those that came before it. Raises as
        NewEntry.answer does, and as Log.append does if it may not make the log."""
        turns = self._turns.setdefault(room, _Turns())
        turns.waiting += 1
        try:
            async with turns.lock:
                if not turns.made:
                    appended = await self._make(room, creation, entry, self._appends.append)
                    turns.made = True
                    return appended
                reply = self._appends.put(entry)
        finally:
            turns.waiting -= 1
            if not turns.waiting:
                del self._turns[room]
        try:
            return entry.answer(await reply)
        except NotLetIn:  # it was cleared
            return await self.in_turn(room, creation, entry)

    async def append(self, room: str, creation: LogCreation, entry: NewEntry, append: Append) -> Appended:
        """Append an entry, which may make the room's log. Raises as `in_turn`."""
        try:
            return await append(entry)
        except NotLetIn:
            return await self._make(room, creation, entry, append)

    async def _make(self, room: str, creation: LogCreation, entry: NewEntry, append: Append) -> Appended:
        most, rates = creation
        await self._buckets.take(rates)
        (listed,) = await self._list.run((1, self._logs, ANYBODY, room, most))
        if listed < 1:
            await self._buckets.give_back(rates)
        if listed < 0:
            raise TooManyLogs(f"there are {most} logs already")
        return await append(entry.letting(Lets.LOG))


class _Turns:
    """Whose turn it is in a room that begins."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.waiting = 0
        self.made = False
