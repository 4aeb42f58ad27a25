"""The appends of a process go together: those that wait for the link's next batch are one call of append.lua.

Redis works on a call of 64 entries a fifth less than on 64 calls, and the process packs and sends one.
An append that finds no batch under way goes at once, with those of the same moment; nothing waits for a
timer.
"""

from __future__ import annotations

import asyncio
from typing import Any

from hiredis import pack_command
from redis.exceptions import NoScriptError

from relay.log.log import Appended, LogUnavailable
from relay.redis.append import ENTRY, NewEntry, call_for
from relay.redis.commands import Command, raise_first
from relay.redis.link import ANSWER, Link
from relay.redis.script import Script

CALL = 64
"""Entries in a call at most. Redis does nothing else meanwhile: some 3 ms."""
CALL_BYTES = 256 * 1024
"""Bytes of a call at most, if it has more than one entry. Redis keeps the arguments in memory meanwhile."""


class Appends:
    def __init__(self, link: Link, *, keep: int, dedup_ttl: int) -> None:
        """`keep` and `dedup_ttl`: as of RedisLog."""
        self.script = Script(link, *ENTRY, "append.lua")
        self._link = link
        self._keep = keep
        self._dedup_ttl = dedup_ttl
        self._next: dict[str, AppendCall] = {}  # by what entries of one call have in common

    async def append(self, entry: NewEntry) -> Appended:
        """Append an entry together with others. Raises as NewEntry.answer, whatever becomes of the others. If
        the caller is cancelled before the entry is sent, it is not sent."""
        return entry.answer(await self.put(entry))

    def put(self, entry: NewEntry) -> asyncio.Future[list[Any]]:
        """Append an entry behind those that were put before. Returns what gets append.lua's reply. Raises
        LogUnavailable."""
        loop = asyncio.get_running_loop()
        # Whatever decides which entries may share a call is here.
        key = entry.keys[0]
        common = self._link.one_call(key)
        call = self._next.get(common)
        if call is None or not call.takes(entry):
            call = AppendCall(self, key, loop.time() + ANSWER)
            self._link.put(call, key)
            self._next[common] = call
        reply: asyncio.Future[list[Any]] = loop.create_future()
        call.add(entry, reply)
        return reply

    async def append_alone(self, entry: NewEntry) -> Appended:
        """Append an entry in a call of its own. It awaits the link alone, so it needs no event loop where the
        link needs none. Raises as `append`."""
        ((reply,),) = await self.script.run(self.call([entry]))
        return entry.answer(reply)

    def send_again(self, call: AppendCall) -> None:
        """Send a call once more, with the script itself. Raises LogUnavailable."""
        self._link.put(call, call.key)

    def call(self, entries: list[NewEntry]) -> Command:
        """Return the call that appends entries in this order; see Script."""
        in_cluster = self._link.in_cluster
        return call_for(entries, in_cluster=in_cluster, keep=self._keep, dedup_ttl=self._dedup_ttl)


class AppendCall:
    """A call of append.lua, a Request of the link: it takes entries until it is sent. Who waits longest
    decides when all of it are given up."""

    replies = 1
    writes = True
    once = False

    def __init__(self, appends: Appends, key: str, deadline: float) -> None:
        """`key`: one of those that it is about. `deadline`: that of its first entry."""
        self.key = key
        self.deadline = deadline
        self._appends = appends
        self._entries: list[NewEntry] = []
        self._replied: list[asyncio.Future[list[Any]]] = []
        self._bytes = 0
        self._packed = b""
        self._whole = False

    def takes(self, entry: NewEntry) -> bool:
        """Return whether an entry may be added. Not any more once it was sent, or its time is over."""
        if self._packed or self.done or len(self._entries) >= CALL:
            return False
        return self._bytes + entry.size <= CALL_BYTES

    def add(self, entry: NewEntry, replied: asyncio.Future[list[Any]]) -> None:
        """Add an entry. `replied`: gets append.lua's reply about it."""
        self._entries.append(entry)
        self._replied.append(replied)
        self._bytes += entry.size

    @property
    def size(self) -> int:
        return len(self._entries)

    @property
    def done(self) -> bool:
        return bool(self._replied) and all(replied.done() for replied in self._replied)

    def packed(self) -> bytes:
        if not self._packed:
            self._forget_done()
            call = self._appends.call(self._entries)
            self._packed = pack_command(self._appends.script.command(call, whole=self._whole))  # type: ignore[arg-type]
        return self._packed

    def answer(self, replies: list[Any]) -> None:
        try:
            if isinstance(replies[0], NoScriptError) and not self._whole:
                self._whole, self._packed = True, b""
                self._appends.send_again(self)
                return
            raise_first(replies)
        except LogUnavailable as error:
            self._fail(error)
        else:
            for replied, reply in zip(self._replied, replies[0], strict=True):
                if not replied.done():
                    replied.set_result(reply)
            self._entries, self._packed = [], b"answered"  # it may be kept until the next call

    def fail(self, trouble: str) -> None:
        self._fail(LogUnavailable(trouble))

    def _fail(self, error: LogUnavailable) -> None:
        for replied in self._replied:
            if not replied.done():  # an error of its own, since each that raises one adds to its traceback
                replied.set_exception(type(error)(*error.args))

    def _forget_done(self) -> None:
        """Send nothing of those who gave up: they must not see it done later."""
        waiting = [
            (entry, replied)
            for entry, replied in zip(self._entries, self._replied, strict=True)
            if not replied.done()
        ]
        self._entries = [entry for entry, _ in waiting]
        self._replied = [replied for _, replied in waiting]
