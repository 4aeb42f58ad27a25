"""The rules: small named values that every worker knows at once, each for a time or until dropped.

They gate what is appended (see `Gate`): an append looks at them in the very step in which it would be
written, so a rule holds for every worker from the moment it was set.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Rule(NamedTuple):
    """`seconds` for which it still stands, rounded up; None: until it is dropped."""

    value: bytes
    seconds: int | None


@dataclass(frozen=True, slots=True)
class Gate:
    """What an entry has to pass. `bars`: names of rules of which none may stand. `pace`: the name of a rule
    whose value is how many whole seconds have to lie between two entries of `who` in the room."""

    bars: tuple[str, ...] = ()
    pace: str = ""
    who: str = ""


OPEN = Gate()
"""Lets everything in."""


class Barred(Exception):
    """A rule keeps the entry out, and nothing was written. `seconds` as of Rule."""

    def __init__(self, rule: str, seconds: int | None) -> None:
        super().__init__(rule, seconds)
        self.rule = rule
        self.seconds = seconds


class Rules(Protocol):
    """Every method raises LogUnavailable within 2 s when the keeper can't be reached."""

    async def set(self, name: str, value: bytes, seconds: int | None = None) -> None:
        """Let a rule stand for so many seconds, or until it is dropped; in the place of one of this name."""

    async def drop(self, name: str) -> None:
        """End a rule, if there is one."""

    async def find(self, names: Collection[str]) -> dict[str, Rule]:
        """Those of these rules that stand."""

    async def all(self) -> dict[str, Rule]:
        """Every rule that stands."""
