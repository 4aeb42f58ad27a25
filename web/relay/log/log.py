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

Entries never change, with two exceptions. Each appends an entry that says so, its notice, in the same step.
`amend` and `amend_by` replace an entry's data for good. `vote` changes its tally: how many voters each of its
keys has. A client that was away learns of it as of everything else, by reading on. A client that reads the
entry later finds what became of it, and needs no notice.

Old entries may be trimmed; see `keep` in options.py. Numbers go on regardless: a read begins with the oldest
entry left. A read never skips an entry that exists.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from relay.log.amendments import Amendment
from relay.log.post import Post
from relay.log.rules import Rules
from relay.log.votes import Tally, Vote, Voter

ENVELOPE = 150
"""About what an entry has in an answer besides its data, in bytes."""
TALLY = 60
"""About what each key of an entry has there, in bytes."""


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
    """What was appended. `at`: milliseconds since 1970 on the keeper's clock. `data`: the caller's. `tally`:
    the keys that have voters, in the order in which they came; an entry that is delivered has none yet."""

    room: str
    epoch: str
    seq: int
    id: str
    at: int
    data: bytes
    tally: tuple[Tally, ...] = ()


@dataclass(frozen=True, slots=True)
class Appended:
    """The answer to an append: where the entry is, and when it was written. `duplicate`: an earlier append
    wrote it."""

    epoch: str
    seq: int
    at: int
    duplicate: bool


@dataclass(frozen=True, slots=True)
class Voted:
    """The answer to a vote. `appended`: where its entry is; None if the vote changed nothing. `count`: how
    many voters the key has now."""

    appended: Appended | None
    count: int

    @property
    def duplicate(self) -> bool:
        """Whether nothing was written."""
        return self.appended is None or self.appended.duplicate


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
            size += len(entry.data) + ENVELOPE + TALLY * len(entry.tally)
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
        notice is. Raises NoSuchEntry if entry `seq` does not have this id, and IdTaken if another notice had
        this id. It is for those who keep order: nothing else keeps it out, also where there is no memory
        left."""

    async def amend_each(
        self, room: str, amendments: Sequence[Amendment], notice_id: str, notice: bytes
    ) -> Appended:
        """Amend several entries, all or none, with one notice; see `amend`. Some dozen at once at most, since
        all other requests wait meanwhile. Raises Changed if one of them is not as its amendment says."""

    async def amend_by(self, room: str, amendments: Sequence[Amendment], post: Post) -> Appended:
        """Amend several entries, all or none, with a post as the notice. It has to meet whatever `append`
        demands of one, and raises what `append` raises. Raises NoSuchEntry and Changed as `amend_each`, and
        ValueError for an amendment that is not as Amendment says."""

    async def vote(self, room: str, vote: Vote, post: Post) -> Voted:
        """Cast a vote or take it back, and append the post that says so: both or none. The post's data ends
        with a JSON object, without blanks, which gets the field `count`: how many voters the key has then. A
        vote that changes nothing appends nothing and takes no tokens. Unless the vote is without `dedup`, a
        repetition of the post gets the first one's answer, also if the vote was taken back since; `count` is
        how many there are now.

        Raises what `append` raises, maybe also for a vote that changes nothing. Raises NoSuchEntry if entry
        `seq` does not have this id, or begins otherwise than the vote says, TooManyKeys if the key is new to
        an entry that has MOST_KEYS others, and ValueError for a vote that is not as Vote says."""

    async def voted(self, room: str, voter_id: str, entries: Collection[Entry]) -> set[tuple[int, str]]:
        """Return which of these entries' keys a voter has cast, each with the entry's number, in one round
        trip; without any if no entry has a tally."""

    async def voters(self, room: str, seq: int, key: str | None = None, limit: int = 100) -> list[Voter]:
        """Return at most `limit` voters of a key of entry `seq`, or of each of its keys. Keys are in the
        order of the tally, the voters of each in that of their ids."""

    async def forget_voter(self, room: str, voter_id: str) -> None:
        """Forget the name of a voter, until they vote again. Their votes stay."""

    async def logs(self) -> set[str]:
        """Return the rooms that have a log."""

    async def clear(self, room: str) -> None:
        """Delete a room's log, with its epoch, its ids and its votes. The next entry makes another log."""

    async def read(
        self, room: str, *, after: int | None = None, before: int | None = None, limit: int = 200
    ) -> Page:
        """Return at most `limit` entries with `after` < seq < `before`. If `after` is given these are the
        oldest of them, and `more` means that newer ones follow. Else they are the newest, and `more` means
        that older ones precede. Raises ValueError for a number below 0 or above 2**53 - 1, and a limit below
        1."""

    async def head(self, room: str) -> Head:
        """Return the top of a room's log."""

    async def heads(self, rooms: Collection[str]) -> dict[str, Head]:
        """Return the heads of many rooms, by room, in one round trip."""
