"""The rules in this process' memory: gone when the process goes."""

import math
from collections.abc import Collection
from time import monotonic

from relay.log.rules import Barred, Gate, Rule


class MemoryRules:
    def __init__(self) -> None:
        self._rules: dict[str, tuple[bytes, float]] = {}  # name: (value, when it ends)
        self._spoke: dict[tuple[str, str], tuple[float, float]] = {}  # (room, who): (when, until it matters)

    async def set(self, name: str, value: bytes, seconds: int | None = None) -> None:
        self._rules[name] = value, math.inf if seconds is None else monotonic() + seconds

    async def drop(self, name: str) -> None:
        self._rules.pop(name, None)

    async def find(self, names: Collection[str]) -> dict[str, Rule]:
        return {name: rule for name in names if (rule := self._get(name)) is not None}

    async def all(self) -> dict[str, Rule]:
        return await self.find(list(self._rules))

    def check(self, room: str, gate: Gate) -> None:
        """Raise Barred if an entry may not pass."""
        for name in gate.bars:
            if rule := self._get(name):
                raise Barred(name, rule.seconds)
        at, _ = self._spoke.get((room, gate.who), (-math.inf, 0))
        if (left := at + self._pace(gate) - monotonic()) > 0:
            raise Barred(gate.pace, math.ceil(left))

    def passed(self, room: str, gate: Gate) -> None:
        """An entry was let in."""
        now, pace = monotonic(), self._pace(gate)
        for key in [key for key, (_, until) in self._spoke.items() if until <= now]:
            del self._spoke[key]
        if pace:
            self._spoke[room, gate.who] = now, now + pace

    def _pace(self, gate: Gate) -> int:
        rule = self._get(gate.pace)
        return int(rule.value) if rule else 0

    def _get(self, name: str) -> Rule | None:
        value, until = self._rules.get(name, (b"", -math.inf))
        left = until - monotonic()
        if left <= 0:
            self._rules.pop(name, None)
            return None
        return Rule(value, None if left == math.inf else math.ceil(left))
