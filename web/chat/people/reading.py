"""What is kept of a person in one room: how far they have read, and of how much they want to be told."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from relay import Ask, Expect, Head, Put

EVERYTHING, MENTIONS, NOTHING = "all", "mentions", "none"
LEVELS = (EVERYTHING, MENTIONS, NOTHING)
"""Of what in a room a person is told: of each message, of those that name them, or of none."""


@dataclass(frozen=True)
class Reading:
    """`seq`: the number of the last message that was read, in the log of `epoch`; None: there is no mark. The
    epoch "" is that of a room in which nothing was written yet. `level`: one of LEVELS. `more`: what another
    release keeps besides."""

    epoch: str = ""
    seq: int | None = None
    level: str = EVERYTHING
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, data: bytes | None) -> "Reading":
        """Return what was kept."""
        content: dict[str, Any] = json.loads(data or b"{}")
        known = {name: content.pop(name) for name in ("epoch", "seq", "level") if name in content}
        return cls(**known, more=content)

    def mark(self, head: Head) -> int | None:
        """Return the number up to which a log was read; None if that is not known. Nothing was read of a log
        that began after the person had seen the room empty."""
        if self.seq is None:
            return None
        if self.epoch == head.epoch:
            return self.seq
        return 0 if self.epoch == "" else None

    def moved(self, head: Head, seq: int) -> "Reading":
        """Return the reading of somebody who has read up to `seq`. In one log a mark never goes back, nor
        beyond the head."""
        return replace(self, epoch=head.epoch, seq=max(self.mark(head) or 0, min(seq, head.seq)))

    def wire(self, head: Head) -> dict[str, Any]:
        """Return what a client is told of it: `{read?, level}`."""
        mark = self.mark(head)
        return ({} if mark is None else {"read": mark}) | {"level": self.level}

    def data(self) -> bytes:
        """Return what is kept."""
        known = {"epoch": self.epoch, "seq": self.seq, "level": self.level}
        return json.dumps({**self.more, **known}).encode()


def name_of(person: str) -> str:
    """Return the name of the record that holds a person's readings, by the rooms' names."""
    return f"marks:{person}"


def ask(person: str, *rooms: str) -> Ask:
    """Return the question for a person's readings of some rooms; of all if none are named."""
    return Ask(person, name_of(person), rooms)


def expect(person: str, room: str, found: bytes | None) -> Expect:
    """Return that a reading has to be as it was found."""
    return Expect(name_of(person), room, found)


def put(person: str, room: str, reading: Reading, seconds: int, most: int) -> Put:
    """Return what keeps a reading, for so many seconds; of so many rooms at most."""
    return Put(name_of(person), room, reading.data(), seconds, most)
