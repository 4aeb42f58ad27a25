"""The log: what a room's ordered, durable log promises, wherever it is kept. Knows neither Redis nor
Socket.IO.

A room's log is a sequence of entries numbered 1, 2, 3 … without holes. The number is an entry's offset; it is
called `seq`, as on the wire. The first append makes the log and draws its `epoch`, a random word. A `seq`
means something only together with its epoch. If the epoch is another one, the log was lost, wiped or
restored: all numbers of the old epoch are void. So whatever carries a `seq` here carries its `epoch` too. The
top of the log is its `head`; a room without entries has `Head("", 0)`.

`append` is idempotent for the deduplication time-to-live. An answer that never came says nothing about
whether the entry was written. After `LogUnavailable`, the caller appends again with the same id and gets to
know it.

Entries never change, with one exception: `amend` replaces an entry's data for good, and appends an entry that
says so. A client that was away learns of it as of everything else, by reading on.

Old entries may be trimmed; see `keep` in options.py. Numbers go on regardless: a read begins with the oldest
entry left. A read never skips an entry that exists.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from relay.log.post import Post
from relay.log.rules import Rules

ENVELOPE = 150
"""About what an entry has in an answer besides its data, in bytes."""


class LogUnavailable(Exception):
    """The log did not answer in time. The outcome of an append is unknown: append again with the same id to
    learn it."""


class LogFull(LogUnavailable):
    """The log has no memory left. Nothing was written, and nothing will be until memory is freed."""


class IdTaken(Exception):
    """Another post had this id before. Nothing was written: append again with a new id."""


class NoSuchEntry(Exception):
    """The log has no entry of that number and id. Nothing was written."""


class TooManyLogs(Exception):
    """The entry would have made a log, and there are as many logs as allowed. Nothing was written."""


class Head(NamedTuple):
    """The top of a log: the number of its last entry, and the epoch that the number belongs to."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What was appended. `at`: milliseconds since 1970 on the keeper's clock. `data`: the caller's."""

    room: str
    epoch: str
    seq: int
    id: str
    at: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Appended:
    """The answer to an append: where the entry is, and when it was written. `duplicate`: an earlier append
    wrote it."""

    epoch: str
    seq: int
    at: int
    duplicate: bool


class Amendment(NamedTuple):
    """New data for the entry with this number and id."""

    seq: int
    id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, oldest first, and the log's head at the same instant. `more`: the read's limit left some
    out."""

    head: Head
    entries: list[Entry]
    more: bool

    def fitting(self, most: int, *, newest: bool) -> Page:
        """Return as much of the page as an answer of `most` bytes holds, and at least one entry: its newest,
        or its oldest. The clients read on from there."""
        entries = self.entries[::-1] if newest else self.entries
        size, fits = 0, 0
        for entry in entries:
            size += len(entry.data) + ENVELOPE
            if fits and size > most:
                break
            fits += 1
        if fits == len(entries):
            return self
        return Page(self.head, self.entries[-fits:] if newest else self.entries[:fits], more=True)


class Log(Protocol):
    """Every method raises `LogUnavailable` within 2 s when the log can't be reached."""

    @property
    def rules(self) -> Rules:
        """The rules that appends check."""

    async def append(self, room: str, post: Post) -> Appended:
        """Append a post, once: a repetition (see Post) gets the first one's answer, whatever the rules say,
        and takes no tokens. Posts are remembered for the deduplication time-to-live; later, the same id makes
        a second entry.

        Raises RequirementUnmet, of a repetition too, if what the post requires is not there. Raises IdTaken
        if the id comes with another fingerprint: then two senders use one id, and neither may get the other's
        answer. For a new entry, raises Denied if a rule or a deny field keeps it out, TooManyLogs if it would
        make a log too many, and Limited if one of its token buckets has too few tokens. An entry takes tokens
        of each while it is under way, and keeps them if it is let in. Raises LogFull when there is no memory
        left, and TypeError or ValueError for a post that is not as Post says."""

    async def amend(
        self, room: str, seq: int, id: str, data: bytes, notice_id: str, notice: bytes
    ) -> Appended:
        """Replace the data of entry `seq` by `data`, and append `notice` under `notice_id`: both or none, and
        once within the deduplication time-to-live. Numbers, ids and times stay; a repetition of the amended
        post gets its first answer. The old data is gone from the log, not only hidden. Returns where the
        notice is. Raises NoSuchEntry if entry `seq` does not have this id."""

    async def amend_each(
        self, room: str, amendments: Sequence[Amendment], notice_id: str, notice: bytes
    ) -> Appended:
        """Amend several entries, all or none, with one notice; see `amend`. Some dozen at once at most, since
        all other requests wait meanwhile."""

    async def logs(self) -> set[str]:
        """Return the rooms that have a log."""

    async def clear(self, room: str) -> None:
        """Delete a room's log, with its epoch and its ids. The next entry makes another log."""

    async def read(
        self, room: str, *, after: int | None = None, before: int | None = None, limit: int = 200
    ) -> Page:
        """Return at most `limit` entries with `after` < seq < `before`. If `after` is given these are the
        oldest of them, and `more` means that newer ones follow. Else they are the newest, and `more` means
        that older ones precede."""

    async def head(self, room: str) -> Head:
        """Return the top of a room's log."""

    async def heads(self, rooms: Collection[str]) -> dict[str, Head]:
        """Return the heads of many rooms, by room, in one round trip."""
