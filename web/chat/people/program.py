"""A program: a bot or a bridge, which comes by a token that a moderator made, and not by a cookie.

A program is a person: it has an id and a name, its rooms and marks are kept, and members add it to private
rooms. Its token names the id, so that what is kept of it is found at once, in the program's partition. Of the
secret in the token only a digest is kept there, so nobody who reads it can use the token.
"""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import time
from typing import Any

from relay import Ask, Drop, Expect, Put

from chat.domain.roles import MEMBER
from chat.people.person_record import PersonRecord
from chat.people.ticket import digest_of, new_secret

PROGRAMS = "programs"
"""The name of the records that hold programs. Their fields are the programs' ids."""
MOST = 100
"""Programs of a chat."""
TOKEN = re.compile(r"tertulia_([0-9a-f]{16})_([a-z2-7]{26})")
"""What a token looks like: its first word tells those who look for secrets in the wrong places what it is."""
DAY = 86_400
LONGEST = 365 * DAY
"""Seconds for which a token is good at most, if it has an end."""
UNUSED = 366 * DAY
"""Seconds after which a program is forgotten that was not here: the bound of a token without an end. Its
record as a person lasts as long."""
AFTER = 30 * DAY
"""Seconds for which a program is kept after the end of its token, so that it can be given another one."""


@dataclass(frozen=True)
class Token:
    """What a program comes by: the id of whom it becomes, and a secret of 128 bits."""

    person: str
    secret: str = field(repr=False)

    @classmethod
    def new(cls, person: str | None = None) -> "Token":
        """Return a new token, of a new program if none is named."""
        return cls(person or secrets.token_hex(8), new_secret())

    @classmethod
    def read(cls, text: Any) -> "Token | None":
        """Return the token that somebody gave; None if it can be none."""
        found = TOKEN.fullmatch(text) if isinstance(text, str) else None
        return None if found is None else cls(*found.groups())

    @property
    def digest(self) -> str:
        """What is kept of its secret."""
        return digest_of(self.secret)

    @property
    def text(self) -> str:
        """What a program gives."""
        return f"tertulia_{self.person}_{self.secret}"


@dataclass(frozen=True)
class Program:
    """`digest`: of its token; `by`: the name of who made that; `at`: when; `end`: of the token, 0 if it has
    none; `seen`: when the program was here last, 0 if never. All times are milliseconds since 1970. `more`:
    what another release keeps besides."""

    id: str
    name: str
    digest: str
    by: str
    at: int
    end: int = 0
    seen: int = 0
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, id: str, data: bytes) -> "Program":
        """Return the program that was kept."""
        content: dict[str, Any] = json.loads(data)
        names = ("name", "digest", "by", "at", "end", "seen")
        known = {name: content.pop(name) for name in names if name in content}
        return cls(id, **known, more=content)

    @property
    def seconds(self) -> int:
        """Until the end of its token; only where it has one."""
        return -(-(self.end - now()) // 1000)

    @property
    def over(self) -> bool:
        """Whether its token was good for a time that has passed."""
        return self.end > 0 and self.seconds <= 0

    @property
    def person(self) -> PersonRecord:
        """Its record as a person, if there is none yet."""
        return PersonRecord(self.name, MEMBER, self.at, program=True)

    def put(self) -> Put:
        """Return what keeps it."""
        known = {name: value for name, value in vars(self).items() if name not in ("id", "more")}
        lasts = max(self.seconds, 0) + AFTER if self.end else UNUSED
        return Put(PROGRAMS, self.id, json.dumps({**self.more, **known}).encode(), lasts, MOST)


def ask(id: str) -> Ask:
    """Return the question for a program."""
    return Ask(id, PROGRAMS, (id,))


def expect(id: str, found: bytes | None) -> Expect:
    """Return that the program has to be as it was found."""
    return Expect(PROGRAMS, id, found)


def drop(id: str) -> Drop:
    """Return what ends a program's token."""
    return Drop(PROGRAMS, id)


def now() -> int:
    """Return milliseconds since 1970."""
    return int(time() * 1000)
