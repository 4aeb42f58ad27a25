"""The rules on Redis: one hash whose fields expire on their own.

A process keeps all rules, and decides by them itself; see ruling.py. What keeps that exact is their version:
it changes with each rule that is set or dropped, and each partition has a copy of it. An append says which
version it was let in by, and append.lua refuses it if the partition has a later one. Then the rules are read
once more. To set a rule costs a command for each partition (some 1 ms of Redis in all), and an append a
single GET, however many rules stand.
"""

from __future__ import annotations

from collections.abc import Collection

from relay.log.rules import Rule
from relay.redis.link import Link
from relay.redis.names import Names
from relay.redis.partitions import PARTITIONS
from relay.redis.reserve import ORDER
from relay.redis.ruling import Ruling
from relay.redis.script import Script


class RedisRules:
    def __init__(self, link: Link, names: Names) -> None:
        self._read = Script(link, "rules.lua")
        self._set = Script(link, "reserve.lua", "set_rule.lua")
        self._raise_version = Script(link, "raise_version.lua")
        self._keys = names.rules, names.rules_version
        self._partitions = [names.partition(number).rules for number in range(PARTITIONS)]
        self.channel = names.rules
        self._told = False
        self._changes = 0
        self._known: Ruling | None = None

    def changed(self) -> None:
        """Forget the rules. To be called when something comes on `channel`, and when its subscription begins.
        After that `find` answers without asking Redis."""
        self._told = True
        self._forget()

    async def set(self, name: str, value: bytes, seconds: int | None = None) -> None:
        await self._change(name, value, seconds or 0)

    async def drop(self, name: str) -> None:
        await self._change(name)

    async def _change(self, *rule: str | bytes | int) -> None:
        (version,) = await self._set.run((2, *self._keys, ORDER, *rule))
        # Only now: who is told of a version by a partition finds the rules of that version.
        await self._raise_version.run(*((1, key, version) for key in self._partitions))
        self._forget()

    async def find(self, names: Collection[str]) -> dict[str, Rule]:
        if not names:
            return {}
        known = self._known if self._told else None
        return (known or await self.load()).find(names)

    async def all(self) -> dict[str, Rule]:
        ruling = await self.load()
        return ruling.find(ruling.rules)

    def known(self, at_least: int = 0) -> Ruling | None:
        """Return the rules as this process knows them, if they are of this version or a later one."""
        return self._known if self._known is not None and self._known.version >= at_least else None

    async def load(self, at_least: int = 0) -> Ruling:
        """Read the rules. `at_least`: a version that stands, as a partition has it. Raises LogUnavailable."""
        before = self._changes
        (reply,) = await self._read.run((2, *self._keys))
        ruling = Ruling.of(reply, at_least)
        if self._changes == before:
            self._known = ruling
        return ruling

    def _forget(self) -> None:
        self._changes += 1  # what is being read meanwhile is not kept
        self._known = None
