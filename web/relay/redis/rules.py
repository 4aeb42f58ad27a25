"""The rules on Redis: one hash whose fields expire on their own.

A process keeps all rules, and decides by them itself; see ruling.py. What keeps that exact is their version:
it changes with each rule that is set or dropped, and each partition has a copy of it. An append says which
version it was let in by, and append.lua refuses it if the partition has a later one. Then the rules are read
once more. To set a rule costs a command for each partition (some 1 ms of Redis in all), and an append a
single GET, however many rules stand.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection

from relay.log.log import LogUnavailable
from relay.log.rules import Rule
from relay.redis.link import Link
from relay.redis.names import Names
from relay.redis.partitions import PARTITIONS
from relay.redis.reserve import ORDER
from relay.redis.ruling import Ruling
from relay.redis.script import Script

logger = logging.getLogger(__name__)


class RedisRules:
    def __init__(self, link: Link, names: Names) -> None:
        self._read = Script(link, "rules.lua", only_reads=True)
        self._set = Script(link, "reserve.lua", "set_rule.lua")
        self._raise_version = Script(link, "raise_version.lua", allow_oom=True)
        self._keys = names.rules, names.rules_version
        self._partitions = [names.partition(number).rules for number in range(PARTITIONS)]
        self.channel = names.rules
        self._told = False
        self._changes = 0
        self._known: Ruling | None = None
        self._fresh = False
        self._reading: asyncio.Task[None] | None = None

    def changed(self) -> None:
        """Have the rules read again. To be called when something comes on `channel`, and when its
        subscription begins. After that `find` answers without asking Redis while nothing changes."""
        self._told = True
        self._outdate()
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_soon())

    async def set(self, name: str, value: bytes, seconds: int | None = None) -> None:
        await self._change(name, value, seconds or 0)

    async def drop(self, name: str) -> None:
        await self._change(name)

    async def _change(self, *rule: str | bytes | int) -> None:
        (version,) = await self._set.run((2, *self._keys, ORDER, *rule))
        # Only now: who is told of a version by a partition finds the rules of that version.
        await self._raise_version.run(*((1, key, version) for key in self._partitions))
        self._outdate()

    async def find(self, names: Collection[str]) -> dict[str, Rule]:
        if not names:
            return {}
        if self._known is not None and self._told and self._fresh:
            return self._known.find(names)
        return (await self.load()).find(names)

    async def all(self) -> dict[str, Rule]:
        ruling = await self.load()
        return ruling.find(ruling.rules)

    def known(self, at_least: int = 0) -> Ruling | None:
        """Return the rules as this process knows them, if they are of this version or a later one. Others may
        stand by now: append.lua tells. So appends need not wait for the shard that has the rules."""
        return self._known if self._known is not None and self._known.version >= at_least else None

    async def load(self, at_least: int = 0) -> Ruling:
        """Read the rules. `at_least`: a version that stands, as a partition has it. Raises LogUnavailable."""
        before = self._changes
        (reply,) = await self._read.run((2, *self._keys))
        ruling = Ruling.of(reply, at_least)
        self._known = ruling
        self._fresh = self._changes == before
        return ruling

    async def _read_soon(self) -> None:
        """Read the rules, also if nobody asks: those that know no later version append by what is known."""
        while not self._fresh:
            try:
                await self.load()
            except LogUnavailable as error:  # a partition's version still tells, or the next change
                logger.debug("the rules could not be read: %s", error)
                return

    def _outdate(self) -> None:
        self._changes += 1  # also what is being read meanwhile
        self._fresh = False
