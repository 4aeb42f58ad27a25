"""Rules: small named values that every worker knows at once, each for a time or until it is dropped.

They are preconditions of appends, and so are a requirement and a deny field, which are about records of the
room. An append checks all in the same step in which it is written. So a rule holds for every worker from the
moment it was set, and what a record says from the moment it was changed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Rule(NamedTuple):
    """`seconds`: how long it still stands, rounded up; None: until it is dropped."""

    value: bytes
    seconds: int | None


class Requirement(NamedTuple):
    """A field, never empty, that has to be there in a record of `relay.records` whose owner is the room."""

    name: str
    field: str


class DenyField(NamedTuple):
    """A field, never empty, of a record whose owner is the room. It keeps entries out while it is there. For
    what stands long and in many rooms: every process holds all rules, and nobody has to hold these."""

    name: str
    field: str


@dataclass(frozen=True, slots=True)
class Preconditions:
    """What has to hold before an entry is appended. `deny`: names of deny rules; the entry is denied while
    one of them stands. `slow_mode`: name of the rule whose value is how many whole seconds have to lie
    between two entries of `sender` in the room. `requires`: what has to be there in a record of the room.
    `deny_field`: what may not be there."""

    deny: tuple[str, ...] = ()
    slow_mode: str = ""
    sender: str = ""
    requires: Requirement | None = None
    deny_field: DenyField | None = None


NO_PRECONDITIONS = Preconditions()
"""Every entry is let in."""


class Denied(Exception):
    """A rule or a deny field keeps the entry out, and nothing was written. `rule`: the name of the rule or of
    the field. `seconds`: how long a rule still stands, rounded up; None: until it is dropped."""

    def __init__(self, rule: str, seconds: int | None) -> None:
        super().__init__(rule, seconds)
        self.rule = rule
        self.seconds = seconds


class RequirementUnmet(Exception):
    """What the post requires is not there, and nothing was written. It is checked before all else, so that
    somebody who has lost a right learns nothing of the room by trying: neither whether an earlier post of
    theirs was written, nor which rules stand."""


class Rules(Protocol):
    """Every method raises LogUnavailable within 2 s when the keeper can't be reached."""

    async def set(self, name: str, value: bytes, seconds: int | None = None) -> None:
        """Set a rule for so many seconds, or until it is dropped. It replaces one of the same name."""

    async def drop(self, name: str) -> None:
        """End a rule, if there is one."""

    async def find(self, names: Collection[str]) -> dict[str, Rule]:
        """Return those of these rules that stand, by name."""

    async def all(self) -> dict[str, Rule]:
        """Return every rule that stands, by name."""
