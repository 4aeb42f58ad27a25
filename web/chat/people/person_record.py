"""The record of a person: what the server keeps of somebody who was here with a cookie.

It lies in the person's partition, with the records of other people there, and lasts for a while after they
were seen last.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from relay import Ask, Expect, Put

from chat.domain.people import Person
from chat.domain.roles import GUEST, MEMBER

PEOPLE = "people"
"""The name of the records that hold people. Their fields are the people's ids."""
IN_PARTITION = 1000
"""People in each of 256 partitions. Where there are more, those go who would be forgotten first. A cookie of
somebody who is forgotten counts as one of somebody who was never kept."""
GUESTS_LAST = 30 * 86_400
"""Seconds for which a guest is remembered: anybody can be any number of them."""
MEMBERS_LAST = 366 * 86_400
"""Seconds for which others are remembered. Longer than any cookie counts, so that none outlives the record
that says that it has ended."""


@dataclass(frozen=True)
class PersonRecord:
    """`at`: when they came. `since`: cookies that were signed before that count only if their login is kept;
    0: all count. Both are milliseconds since 1970. `program`: whether it comes by a token; see program.py.
    `out`: whether they were put out for good, so that no cookie of theirs counts. `passkeys`: how many they
    have. `erased`: whether their name was erased, for good too; it is empty then. `was`: the name, while it
    is still being erased elsewhere. `more`: what another release keeps besides."""

    name: str
    role: str
    at: int
    since: int = 0
    program: bool = False
    out: bool = False
    passkeys: int = 0
    erased: bool = False
    was: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, data: bytes | None) -> "PersonRecord | None":
        """Return the record that was kept; None if there is none."""
        if data is None:
            return None
        content: dict[str, Any] = json.loads(data)
        names = ("name", "role", "at", "since", "program", "out", "passkeys", "erased", "was")
        known = {name: content.pop(name) for name in names if name in content}
        return cls(**known, more=content)

    @property
    def lasts(self) -> int:
        """Seconds for which it is kept after the person was seen last."""
        stays = self.role != GUEST or self.since or self.out or self.passkeys
        return MEMBERS_LAST if stays else GUESTS_LAST

    def seen_as(self, person: Person, *, member: bool) -> "PersonRecord":
        """Return the record of a person who is here under this name. Nobody stops being a member by it."""
        return replace(self, name=person.name, role=MEMBER if member and self.role == GUEST else self.role)

    def put(self, person: str) -> Put:
        """Return what keeps it."""
        known = {"name": self.name, "role": self.role, "at": self.at, "since": self.since}
        rare = ("program", "out", "passkeys", "erased", "was")
        known |= {name: getattr(self, name) for name in rare if getattr(self, name)}
        return Put(PEOPLE, person, json.dumps({**self.more, **known}).encode(), self.lasts, IN_PARTITION)


def ask(person: str) -> Ask:
    """Return the question for a person's record."""
    return Ask(person, PEOPLE, (person,))


def expect(person: str, found: bytes | None) -> Expect:
    """Return that the record has to be as it was found."""
    return Expect(PEOPLE, person, found)
