"""The ledger: what was posted, what was acked, what each client showed, and the log at the end. Pure data.

A number belongs to an epoch, so everything here is kept by epoch. A server without numbers and logs (stock
python-socketio) has the epoch "" throughout.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Post:
    """What a client tries to say, and goes on trying. `posted_at` is on time.monotonic()'s clock; `route` is
    that of the worker it was last given to."""

    id: str
    room: str
    author: str
    text: str
    posted_at: float
    route: str = ""


@dataclass(frozen=True, slots=True)
class Ack:
    """`acked_at` is on time.monotonic()'s clock, `at` on Redis'."""

    id: str
    room: str
    epoch: str
    seq: int
    at: int
    acked_at: float


@dataclass(frozen=True, slots=True)
class Entry:
    """A message as somebody was shown it, or as the log has it."""

    seq: int
    id: str
    text: str


@dataclass(slots=True)
class Showing:
    """What one client showed of one room in one epoch, in this order, from the number `first` on."""

    client: str
    room: str
    epoch: str
    first: int
    entries: list[Entry] = field(default_factory=list)
    live: int = 0
    """How many came live; the others came by catching up."""


@dataclass(frozen=True, slots=True)
class RoomLog:
    """A room's log as a newcomer reads it when all is over."""

    epoch: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Up to which number a person has read a room's log, as the server said when it was asked at `asked_at`,
    and answered at `told_at`, on time.monotonic()'s clock."""

    person: str
    room: str
    epoch: str
    seq: int
    asked_at: float
    told_at: float


@dataclass
class Ledger:
    """`lasting`: no log is ever destroyed. A room that gets another epoch, as after a failover, still has all
    that was acked in the epochs before."""

    lasting: bool = False
    posts: dict[str, Post] = field(default_factory=dict)
    acks: list[Ack] = field(default_factory=list)
    refusals: list[tuple[str, str]] = field(default_factory=list)
    """Ids of posts that were refused for good, each with the error code."""
    showings: dict[tuple[str, str], list[Showing]] = field(default_factory=dict)
    """By client and room; the last is the one that goes on."""
    logs: dict[str, RoomLog] = field(default_factory=dict)
    absences: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    """By client: from when to when it was not connected, after it first was."""

    marks: list[Mark] = field(default_factory=list)

    def mark(self, mark: Mark) -> None:
        self.marks.append(mark)

    def post(self, post: Post) -> None:
        self.posts[post.id] = post

    def ack(self, ack: Ack) -> None:
        self.acks.append(ack)

    def refuse(self, id: str, error: str) -> None:
        self.refusals.append((id, error))

    def begin(self, client: str, room: str, epoch: str, first: int) -> None:
        self.showings.setdefault((client, room), []).append(Showing(client, room, epoch, first))

    def show(self, client: str, room: str, entry: Entry, live: bool) -> None:
        showing = self.showings[client, room][-1]
        showing.entries.append(entry)
        showing.live += live

    def be_away(self, client: str, since: float, until: float) -> None:
        self.absences.setdefault(client, []).append((since, until))

    def was_away(self, client: str, since: float, until: float) -> bool:
        """Whether a client was not connected at some time between the two."""
        return any(left <= until and since <= back for left, back in self.absences.get(client, ()))

    def keep(self, room: str, log: RoomLog) -> None:
        self.logs[room] = log

    def all_showings(self) -> Iterator[Showing]:
        for showings in self.showings.values():
            yield from showings
