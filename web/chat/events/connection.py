"""The connection: all that is known of one Socket.IO client while it is connected."""

from time import monotonic
from typing import NamedTuple

from relay import LogCreation, Preconditions

from chat.domain.people import Person
from chat.domain.rate_limits import RateLimit, WorkerRateLimits
from chat.domain.rooms_of_people import ConnectionRooms
from chat.events.connection_log import ConnectionLog
from chat.people.login_notes import Note
from chat.people.marks import Reader

SEEN_EVERY = 60.0
"""Seconds between two notes of where the person of one connection writes from."""


class Terms(NamedTuple):
    """What a client's messages in one room have to meet, the same for each of them; see Post. `author`: whose
    their ids are."""

    author: str
    preconditions: Preconditions
    creation: LogCreation


class Connection:
    """One client: who it is, where it comes from, its rate limits and abuse budget, and its log.

    `sid`: its Socket.IO id; `address`: as of address_of. Handlers get it as an argument.
    """

    __slots__ = (
        "_limits",
        "_seen_at",
        "address",
        "closing",
        "counted_at",
        "identity",
        "log",
        "note",
        "noted_at",
        "reader",
        "rooms",
        "sid",
        "terms",
    )

    def __init__(self, sid: str, note: Note, log: ConnectionLog, limits: WorkerRateLimits) -> None:
        self.sid = sid
        self.note = note
        """What is noted of its login."""
        self.noted_at = monotonic()
        """When that was done last."""
        self.identity = note.identity
        self.address = note.address
        self.counted_at = f"program {self.person.id}" if self.identity.program else note.address
        """Whose limits count besides those of the person: the address'. There are few programs, and each has
        its own, so that none takes from the people at its address, nor they from it."""
        self.log = log
        self.closing = False
        """Whether it is about to be disconnected. Nothing more is done for it."""
        self.rooms = ConnectionRooms()
        self.reader = Reader(note.identity, self.counted_at)
        self.terms: dict[str, Terms] = {}
        """Those of the rooms that it has written in and not left."""
        self._limits = limits
        self._seen_at = monotonic()

    @property
    def person(self) -> Person:
        return self.identity.person

    def count(self, limit: RateLimit) -> None:
        """Count an event against the limit of its person and the one of its address. Raises Refused."""
        self._limits.count(limit, self.person.id, self.counted_at)

    def strike(self) -> bool:
        """Count work that was caused for nothing. False if the abuse budget is spent."""
        return self._limits.strike(self.person.id, self.counted_at)

    def seen(self) -> bool:
        """Whether the person's address is to be noted once more: true once in SEEN_EVERY seconds."""
        if monotonic() - self._seen_at < SEEN_EVERY:
            return False
        self._seen_at = monotonic()
        return True
