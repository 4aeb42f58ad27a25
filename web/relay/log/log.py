"""The log: what a room's ordered, durable log promises, whoever keeps it. Knows neither Redis nor Socket.IO.

A room's log is a row of entries numbered 1, 2, 3 … without holes. It is made by its first append, which also
draws its `epoch`, a random word. A number means something only together with the epoch: where the epoch
differs, the log was lost, wiped or restored, and whoever remembers numbers of the old one starts over. So
everything here that carries a `seq` carries its `epoch` too. A room that nobody wrote to yet has the head
`Head("", 0)`: no epoch, nothing to number.

`append` is idempotent for a while (the window, see `Log.append`), because an answer that never came says
nothing about whether the entry was written. Whoever got `LogUnavailable` asks again with the same id, and
the answer settles it.

Entries never change, but for one thing: `amend` puts something else in the place of an entry's data, for
good, and appends an entry that says so. Whoever was away learns of it as of everything else, by reading on.

Old entries may be trimmed (see the `keep` of the implementations). Numbers go on regardless; a read just
begins with the oldest entry left. A read never skips an entry that exists.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from relay.log.rules import OPEN, Gate, Rules
from relay.log.token_buckets import Bucket


class LogUnavailable(Exception):
    """The log did not answer in time. Of an append: nothing was written, or asking again will tell."""


class LogFull(LogUnavailable):
    """The log has no memory left. Nothing was written, and nothing will be until somebody makes room."""


class IdTaken(Exception):
    """The id was given to another entry before. Nothing was written; append again under a new id."""


class NoSuchEntry(Exception):
    """The log has no entry of that number and id. Nothing was written."""


class TooManyLogs(Exception):
    """The entry would have made a log, and there are as many as there may be. Nothing was written."""


class Making(NamedTuple):
    """What an entry has to pass besides if it makes its room's log: there may be `most` logs, 0 for any
    number, and it takes tokens of `buckets`."""

    most: int = 0
    buckets: Sequence[Bucket] = ()


FREE = Making()
"""Lets logs be made without end."""


class Head(NamedTuple):
    """A place in a log: the number of its last entry, and the epoch that number belongs to."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What was appended. `at` is the keeper's clock in milliseconds since 1970; `data` is the caller's."""

    room: str
    epoch: str
    seq: int
    id: str
    at: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Appended:
    """The answer to an append; `duplicate` if it was written before, and this is where."""

    epoch: str
    seq: int
    at: int
    duplicate: bool


class Amendment(NamedTuple):
    """What comes in the place of an entry's data; the entry is the one of this number and id."""

    seq: int
    id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, oldest first, with the log's head at the same instant; `more` if the read's limit cut it."""

    head: Head
    entries: list[Entry]
    more: bool


def key_of(author: str, id: str) -> str:
    """Return under what an id is remembered. No author's name has a space."""
    return f"{author} {id}" if author else id


class Log(Protocol):
    """Every method raises `LogUnavailable` within 2 s when the log can't be reached."""

    @property
    def rules(self) -> Rules:
        """The rules that gate appends."""

    async def append(
        self,
        room: str,
        id: str,
        data: bytes,
        same: bytes | None = None,
        gate: Gate = OPEN,
        buckets: Sequence[Bucket] = (),
        making: Making = FREE,
        author: str = "",
    ) -> Appended:
        """Write an entry, once: the same id of the same author in the same room gets the first one's answer.
        Ids are their author's, so nobody's can be taken before they use it.

        `same` is what a repetition must repeat, `data` if not given: data may hold what changes between two
        tries, such as who speaks after a reconnect. The first data wins. An id that comes with something
        else is not a repetition but two senders with one id, and none may be answered with the other's
        place: raises IdTaken. The lookup reaches back `window` seconds; later, the same id makes a second
        entry.

        Raises Barred if a rule of the gate keeps a new entry out, and TooManyLogs if it would make a log that
        there may not be. One that passes takes tokens of each bucket; where one has too few, nothing is
        written: raises Limited. A repetition is answered whatever the rules say, and takes none.

        Raises LogFull where there is no memory left.
        """

    async def amend(
        self, room: str, seq: int, id: str, data: bytes, notice_id: str, notice: bytes
    ) -> Appended:
        """Put `data` in the place of what entry `seq` holds, and append `notice` under `notice_id`: both or
        none, and once within the window. Numbers, ids and times stay; a retry of the amended entry's id gets
        its first answer. What it held is gone from the log, not only hidden. Answers where the notice is.
        Raises NoSuchEntry if the entry `seq` is not the one of this id."""

    async def amend_each(
        self, room: str, amendments: Sequence[Amendment], notice_id: str, notice: bytes
    ) -> Appended:
        """The same of several entries, all or none, with one notice. At most some dozen at once: whoever else
        asks waits for it."""

    async def logs(self) -> set[str]:
        """The rooms that have a log."""

    async def clear(self, room: str) -> None:
        """Forget a room's log, its epoch and its ids included. The next entry makes another log."""

    async def read(
        self, room: str, *, after: int | None = None, before: int | None = None, limit: int = 200
    ) -> Page:
        """At most `limit` entries with `after` < seq < `before`: the oldest of them if `after` is given
        (`more`: newer ones follow), else the newest (`more`: older ones precede)."""

    async def head(self, room: str) -> Head:
        """The room's last number and epoch."""

    async def heads(self, rooms: Collection[str]) -> dict[str, Head]:
        """The heads of many rooms, in one round trip."""
