"""The rules on Redis: one hash whose fields expire on their own. append.lua reads it.

A worker is told when a rule is set. So it keeps the names, and asks Redis only for rules that may stand.
Nearly always none does, and asking is an eighth of what a connect costs (measured).
"""

from __future__ import annotations

from collections.abc import Collection

from relay.log.rules import Rule
from relay.redis.link import Link
from relay.redis.names import Names
from relay.redis.reserve import ORDER, Reserve


class RedisRules:
    def __init__(self, link: Link, names: Names) -> None:
        self._link = link
        self._reserve = Reserve(link)
        self._key = self.channel = names.rules
        self._changes = 0
        self._may_stand: frozenset[str] | None = None

    def changed(self) -> None:
        """Forget the names. To be called when something comes on `channel`, and when its subscription begins.
        Names are kept only after the first call."""
        self._changes += 1
        self._may_stand = None

    async def set(self, name: str, value: bytes, seconds: int | None = None) -> None:
        # HSET ends what time a field had left.
        keeping = (
            ("HSET", self._key) if seconds is None else ("HSETEX", self._key, "EX", seconds, "FIELDS", 1)
        )
        await self._reserve.run((*keeping, name, value), ("PUBLISH", self.channel, ""), share=ORDER)
        if self._changes:
            self.changed()

    async def drop(self, name: str) -> None:
        await self._link.send(("HDEL", self._key, name))

    async def find(self, names: Collection[str]) -> dict[str, Rule]:
        if self._may_stand is None:
            await self._load()
        if self._may_stand is not None:
            names = [name for name in names if name in self._may_stand]
        return await self._ask(names)

    async def all(self) -> dict[str, Rule]:
        return await self._ask(await self._load())

    async def _load(self) -> frozenset[str]:
        before = self._changes
        (names,) = await self._link.send(("HKEYS", self._key))
        found = frozenset(name.decode() for name in names)
        if self._changes == before > 0:
            self._may_stand = found
        return found

    async def _ask(self, names: Collection[str]) -> dict[str, Rule]:
        if not names:
            return {}
        values, left = await self._link.transaction(
            ("HMGET", self._key, *names), ("HPTTL", self._key, "FIELDS", len(names), *names)
        )
        found = zip(names, values, left, strict=True)
        return {name: Rule(value, seconds_of(ms)) for name, value, ms in found if value is not None}


def seconds_of(milliseconds: int) -> int | None:
    """Return the time left, as HPTTL says it, in whole seconds, rounded up; None: no end."""
    return None if milliseconds < 0 else -(-milliseconds // 1000)
