"""A ruling: the rules as one process knows them, of one version. It decides whether a post may be appended.

append.lua then lets it in only if no later version stands by now. So a rule holds everywhere from the moment
it was set, and no append has to look at any rule in Redis.
"""

from __future__ import annotations

from collections.abc import Collection
from math import ceil
from time import monotonic
from typing import Any, NamedTuple

from relay.log.rules import Denied, Preconditions, Rule


class StaleRules(Exception):
    """The rules changed since this process learned them, so nothing was written. `version`: which one stands
    at least."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


class Kept(NamedTuple):
    """`ends`: when the rule ends, on the monotonic clock in seconds; None: when it is dropped."""

    value: bytes
    ends: float | None


class Ruling(NamedTuple):
    version: int
    rules: dict[str, Kept]

    @classmethod
    def of(cls, reply: list[Any], at_least: int) -> Ruling:
        """Return what rules.lua replied. `at_least`: a version that stood when it was asked."""
        version, *flat = reply
        now, rules = monotonic(), {}
        for name, value, left in zip(flat[::3], flat[1::3], flat[2::3], strict=True):
            rules[name.decode()] = Kept(value, None if left < 0 else now + left / 1000)
        return cls(max(int(version), at_least), rules)

    def find(self, names: Collection[str]) -> dict[str, Rule]:
        """Return those of these rules that stand, by name."""
        now, found = monotonic(), {}
        for name in names:
            kept = self.rules.get(name)
            if kept is not None and (kept.ends is None or kept.ends > now):
                found[name] = Rule(kept.value, None if kept.ends is None else ceil(kept.ends - now))
        return found

    def denied(self, preconditions: Preconditions) -> Denied | None:
        """Return what keeps an entry out; None if no deny rule does."""
        if not self.rules or not preconditions.deny:
            return None
        for name, rule in self.find(preconditions.deny).items():
            return Denied(name, rule.seconds)
        return None

    def slow_mode(self, preconditions: Preconditions) -> int:
        """Return how many milliseconds have to lie between two entries of the sender; 0: any."""
        if not self.rules or not preconditions.slow_mode:
            return 0
        found = self.find([preconditions.slow_mode])
        return int(found[preconditions.slow_mode].value) * 1000 if found else 0


ANY_RULES = Ruling(2**53, {})
"""What a post is let in by that no rule can keep out: whatever version stands."""
