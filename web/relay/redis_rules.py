"""The rules on Redis: one hash, whose fields expire on their own. append.lua looks at it."""

from __future__ import annotations

from collections.abc import Collection

from relay.link import Link
from relay.names import Names
from relay.rules import Rule


class RedisRules:
    def __init__(self, link: Link, names: Names) -> None:
        self._link = link
        self._key = names.rules

    async def set(self, name: str, value: bytes, seconds: int | None = None) -> None:
        # HSET ends what time a field had left.
        keeping = (
            ("HSET", self._key) if seconds is None else ("HSETEX", self._key, "EX", seconds, "FIELDS", 1)
        )
        await self._link.send((*keeping, name, value))

    async def drop(self, name: str) -> None:
        await self._link.send(("HDEL", self._key, name))

    async def find(self, names: Collection[str]) -> dict[str, Rule]:
        if not names:
            return {}
        values, left = await self._link.transaction(
            ("HMGET", self._key, *names), ("HPTTL", self._key, "FIELDS", len(names), *names)
        )
        found = zip(names, values, left, strict=True)
        return {name: Rule(value, seconds_of(ms)) for name, value, ms in found if value is not None}

    async def all(self) -> dict[str, Rule]:
        (names,) = await self._link.send(("HKEYS", self._key))
        return await self.find([name.decode() for name in names])


def seconds_of(milliseconds: int) -> int | None:
    """What Redis says is left, in whole seconds, rounded up; None: no end."""
    return None if milliseconds < 0 else -(-milliseconds // 1000)
