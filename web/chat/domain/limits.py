"""The limits: how often somebody may do something, and how long those are borne who don't mind.

Messages and their bytes are counted where all workers look (see token_buckets.py): by person, whatever tabs
and rooms they are in; and by address, for as many as may share one, since whoever comes without a cookie is
somebody new with each connection. All else is counted likewise, but on each worker for itself: it writes
nothing that everybody has to read, so a round trip to count it would cost as much as doing it.
"""

from dataclasses import dataclass
from enum import Enum
from math import ceil
from time import monotonic_ns

from relay import Limited, LogCreation, MemoryBuckets, TokenBucket

from chat.domain.refusals import Refused

TYPING = 8, 2, 2
"""What a person may say of typing: so much at once, and then so much a second; and how much a second an
address may for each of its people."""
REQUESTS = 100, 20, 5
"""The same of other requests; and as many again at once as two for each room that a person can be in: after a
reconnect a page asks for each of them."""
STRIKES = 200, 5, 5
"""How much may be refused, acked again as before, or asked for though nobody answers it, until a client that
goes on is disconnected."""
DAY = 86_400
BYTES, ROOMS = "bytes", "rooms"
"""First words of the buckets' keys that are not of messages."""


class RateLimit(Enum):
    """What an event of a client is counted as."""

    MESSAGES = "messages"
    """By the log when it is kept, where all workers look; see MessageLimit."""
    TYPING = "typing"
    REQUESTS = "requests"


class WorkerLimits:
    """What people and addresses may do besides sending messages, on this worker, whatever sessions they have.
    What is full again is not remembered."""

    def __init__(self, rooms: int, people_per_address: int) -> None:
        """`rooms`: how many a person can be in."""
        at_once, per_second, each = REQUESTS
        self._requests = at_once + 2 * rooms, per_second, each
        self._people = people_per_address
        self._buckets = MemoryBuckets()

    def count(self, limit: RateLimit, person: str, address: str) -> None:
        """Count an event. Raises Refused. Messages are counted elsewhere, see RateLimit."""
        if limit is RateLimit.REQUESTS and not self._take("asks", self._requests, person, address):
            raise Refused("rate_limited", "You ask too often. Wait a second.", retry_after=1)
        if limit is RateLimit.TYPING and not self._take("types", TYPING, person, address):
            raise Refused("rate_limited", "Typing is told too often.", retry_after=1)

    def strike(self, person: str, address: str) -> bool:
        """Count what was done for nothing; False if whoever caused it has to go."""
        return self._take("is refused", STRIKES, person, address)

    def _take(self, what: str, limit: tuple[int, int, int], person: str, address: str) -> bool:
        at_once, per_second, each = limit
        people = self._people
        buckets = [
            TokenBucket(f"{person} {what}", per_second, at_once),
            TokenBucket(f"address {address} {what}", each * people, at_once * people),
        ]
        try:
            self._buckets.take(buckets, monotonic_ns() // 1000)
        except Limited:
            return False
        return True


@dataclass(frozen=True)
class MessageLimit:
    """How many messages, and bytes of them, a person may send at once, and then a second; and an address as
    many people's. How many rooms an address may begin in a day, and how many there may be in all."""

    per_second: int
    at_once: int
    bytes_per_second: int
    bytes_at_once: int
    people_per_address: int
    rooms_per_day: int
    rooms_in_all: int

    def buckets(self, person: str, address: str, size: int) -> list[TokenBucket]:
        """Return what a message of this person from this address, of so many bytes, takes tokens of; see
        address_of."""
        people = self.people_per_address
        per_second, at_once = self.bytes_per_second, self.bytes_at_once
        return [
            TokenBucket(f"person {person}", self.per_second, self.at_once),
            TokenBucket(f"address {address}", self.per_second * people, self.at_once * people),
            TokenBucket(f"{BYTES} of person {person}", per_second, at_once, size),
            TokenBucket(f"{BYTES} of address {address}", per_second * people, at_once * people, size),
        ]

    def creation(self, address: str) -> LogCreation:
        """Return what a room's first message from this address has to meet besides."""
        bucket = TokenBucket(f"{ROOMS} of {address}", self.rooms_per_day / DAY, self.rooms_per_day)
        return LogCreation(self.rooms_in_all, [bucket])

    def refusal(self, limited: Limited) -> Refused:
        """Return how somebody is told to wait."""
        kind, wait = limited.bucket.key.split()[0], max(1, ceil(limited.retry_after))
        if kind == ROOMS:
            most, minutes = self.rooms_per_day, -(-wait // 60)
            detail = f"From one address {most} rooms can be begun in a day. Try again in {minutes} min."
            return Refused("limit", detail, wait, reason="rooms_per_day", most=most)
        much = f"{self.bytes_per_second} bytes" if kind == BYTES else f"{self.per_second} messages"
        return Refused(
            "rate_limited", f"More than {much} a second. This one is not sent yet: try again.", wait
        )

    def no_more_rooms(self) -> Refused:
        """Return how somebody is told that no room can be made."""
        detail = f"There are {self.rooms_in_all} rooms already. A moderator can clear one to make place."
        return Refused("limit", detail, reason="rooms_in_all", most=self.rooms_in_all)
