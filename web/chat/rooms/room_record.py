"""The records of a room: what it is, and of a guarded one who is in it. They lie in the room's partition and
are the truth; a person's list of rooms is a hint (see room_list.py).

A direct room is whole while all of its people are in it. Whoever writes there needs it to be whole, so that
nobody writes to somebody who has left, and does not know it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from relay import Ask, Drop, Expect, Fewer, Put, encode

from chat.domain.room_names import is_guarded

OPEN, PRIVATE, DIRECT = "open", "private", "direct"
ABOUT, WHOLE, ARCHIVED = "about", "whole", "archived"
"""Fields of a room's record. The last is there while the room is archived."""
FIELDS = 16
"""What a room's record has at most; more than a release has."""
MEMBERS = 500
"""Members of a private room."""
MOST = 2 * MEMBERS
"""Fields of the record of members. Workers of an older release may add several at the same time and go beyond
MEMBERS, and nobody who is a member is dropped for that."""
UNTIL_DROPPED = 0
"""Seconds, as of Put."""
MEMBERS_LAST = 400 * 86_400
"""Seconds for which somebody is a member of a guarded room after they were there last. Longer than any cookie
counts: whoever can come back is still a member."""
ROOMS_LAST = MEMBERS_LAST + 60 * 86_400
"""Seconds for which a guarded room is kept after any member was there last; see renewal.py. Longer than
anybody is a member."""


@dataclass(frozen=True)
class About:
    """What a room is. `people`: names by ids of those that a direct room is for, as they were when it was
    made. `more`: what another release keeps besides."""

    kind: str = OPEN
    title: str = ""
    topic: str = ""
    people: Mapping[str, str] = field(default_factory=dict)
    at: int = 0  # when it was made, in milliseconds since 1970
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, data: bytes) -> "About":
        """Return what was kept."""
        content: dict[str, Any] = json.loads(data)
        known = {name: content.pop(name) for name in _ABOUT if name in content}
        return cls(**known, more=content)

    def described(self, title: str | None, topic: str | None) -> "About":
        """Return the same room with another title and topic; None leaves one as it is."""
        return replace(
            self,
            title=self.title if title is None else title,
            topic=self.topic if topic is None else topic,
        )

    def put(self, room: str) -> Put:
        """Return what keeps it."""
        known = {name: getattr(self, name) for name in _ABOUT}
        return Put(name_of(room), ABOUT, encode({**self.more, **known}), _lasts(room), FIELDS)


_ABOUT = ("kind", "title", "topic", "people", "at")


@dataclass(frozen=True)
class Member:
    """`at`: since when, in milliseconds since 1970; `name`: as it was then; `seen`: when it was renewed last,
    in milliseconds, 0: never; `more`: as of About."""

    at: int
    name: str
    maker: bool = False
    seen: int = 0
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, data: bytes) -> "Member":
        """Return what was kept."""
        content: dict[str, Any] = json.loads(data)
        known = {name: content.pop(name) for name in ("at", "name", "maker", "seen") if name in content}
        return cls(**known, more=content)

    def as_maker(self) -> "Member":
        """Return the same member as a maker."""
        return replace(self, maker=True)

    def put(self, room: str, person: str) -> Put:
        """Return what keeps it."""
        known = {"at": self.at, "name": self.name, "maker": self.maker, "seen": self.seen}
        return Put(members_of(room), person, encode({**self.more, **known}), MEMBERS_LAST, MOST)


def name_of(room: str) -> str:
    """Return the name of the record that says what a room is."""
    return f"room:{room}"


def members_of(room: str) -> str:
    """Return the name of the record that holds a room's members, by their ids."""
    return f"members:{room}"


def ask(room: str) -> Ask:
    """Return the question what a room is."""
    return Ask(room, name_of(room), (ABOUT, ARCHIVED))


def ask_members(room: str, *people: str) -> Ask:
    """Return the question for some of a room's members; for all if none are named."""
    return Ask(room, members_of(room), people)


def expect(room: str, found: bytes | None) -> Expect:
    """Return that what a room is has to be as it was found."""
    return Expect(name_of(room), ABOUT, found)


def expect_in_use(room: str) -> Expect:
    """Return that a room may not be archived."""
    return Expect(name_of(room), ARCHIVED, None)


def expect_member(room: str, person: str, found: bytes | None) -> Expect:
    """Return that a membership has to be as it was found."""
    return Expect(members_of(room), person, found)


def expect_members_below(room: str, than: int) -> Fewer:
    """Return that a room must have fewer members than this."""
    return Fewer(members_of(room), than)


def drop_member(room: str, person: str) -> Drop:
    """Return what ends a membership."""
    return Drop(members_of(room), person)


def make_whole(room: str) -> Put:
    """Return what says that all people of a direct room are in it."""
    return Put(name_of(room), WHOLE, b"1", ROOMS_LAST, FIELDS)


def end_whole(room: str) -> Drop:
    """Return what says that somebody has left a direct room."""
    return Drop(name_of(room), WHOLE)


def archive(room: str, archived: bool) -> Put | Drop:
    """Return what archives a room, or brings it back."""
    if archived:
        return Put(name_of(room), ARCHIVED, b"1", _lasts(room), FIELDS)
    return Drop(name_of(room), ARCHIVED)


def ask_all(room: str) -> Ask:
    """Return the question for all that a room's record says."""
    return Ask(room, name_of(room))


def renew(room: str, found: Mapping[str, bytes]) -> tuple[list[Put], list[Expect]]:
    """Return what keeps all that a guarded room's record says for another while, and that it has to say
    so."""
    puts = [Put(name_of(room), field, value, ROOMS_LAST, FIELDS) for field, value in found.items()]
    return puts, [Expect(name_of(room), field, value) for field, value in found.items()]


def end(room: str) -> list[Drop]:
    """Return what forgets a room that has no members any more."""
    return [Drop(name_of(room), field) for field in (ABOUT, WHOLE, ARCHIVED)]


def _lasts(room: str) -> int:
    """Return how long what a room is lasts, in seconds, as of Put."""
    return ROOMS_LAST if is_guarded(room) else UNTIL_DROPPED
