"""The rules in this process' memory, lost when the process ends."""

import math
from collections.abc import Collection
from time import monotonic

from relay.log.rules import Denied, Preconditions, Rule


class MemoryRules:
    def __init__(self) -> None:
        self._rules: dict[str, tuple[bytes, float]] = {}  # name: (value, when it ends)
        self._appended: dict[
            tuple[str, str], tuple[float, float]
        ] = {}  # (room, sender): when, end of the wait

    async def set(self, name: str, value: bytes, seconds: int | None = None) -> None:
        self._rules[name] = value, math.inf if seconds is None else monotonic() + seconds

    async def drop(self, name: str) -> None:
        self._rules.pop(name, None)

    async def find(self, names: Collection[str]) -> dict[str, Rule]:
        return {name: rule for name in names if (rule := self._get(name)) is not None}

    async def all(self) -> dict[str, Rule]:
        return await self.find(list(self._rules))

    def check(self, room: str, preconditions: Preconditions) -> None:
        """Raise Denied if a rule keeps an entry out."""
        for name in preconditions.deny:
            if rule := self._get(name):
                raise Denied(name, rule.seconds)
        at, _ = self._appended.get((room, preconditions.sender), (-math.inf, 0))
        if (left := at + self._slow_mode(preconditions) - monotonic()) > 0:
            raise Denied(preconditions.slow_mode, math.ceil(left))

    def appended(self, room: str, preconditions: Preconditions) -> None:
        """Start the sender's wait in slow mode, after an entry was appended."""
        now, wait = monotonic(), self._slow_mode(preconditions)
        for key in [key for key, (_, until) in self._appended.items() if until <= now]:
            del self._appended[key]
        if wait:
            self._appended[room, preconditions.sender] = now, now + wait

    def _slow_mode(self, preconditions: Preconditions) -> int:
        rule = self._get(preconditions.slow_mode)
        return int(rule.value) if rule else 0

    def _get(self, name: str) -> Rule | None:
        value, until = self._rules.get(name, (b"", -math.inf))
        left = until - monotonic()
        if left <= 0:
            self._rules.pop(name, None)
            return None
        return Rule(value, None if left == math.inf else math.ceil(left))
