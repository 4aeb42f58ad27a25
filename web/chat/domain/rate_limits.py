"""Rate limits, and the abuse budget: how many refusals a client may cause before it is disconnected.

Messages and their bytes are counted in token buckets that all workers share: each tells the others once a
second. Each message counts for its person, in whatever tab or room, and for its address: a client without a
cookie is a new person with each connection. An address has as much as several people have together. Other
events are counted in the same way, but by each worker for itself, since they write nothing.
"""

from dataclasses import dataclass
from enum import Enum
from math import ceil
from time import monotonic_ns
from typing import NamedTuple

from relay import Limited, LogCreation, MemoryBuckets, TokenBucket

from chat.domain.refusals import Refused


class Rate(NamedTuple):
    """A rate limit: events that a person may send at once, and then a second. `address_per_second`: events a
    second of an address, for each of the people who may share it."""

    at_once: int
    per_second: int
    address_per_second: int


TYPING = Rate(8, 2, 2)
REQUESTS = Rate(100, 20, 5)
"""Of all other events but messages. For each room that a person may be in, there are two more at once: after
a reconnect a page asks about each of them."""
MARKS = Rate(20, 4, 4)
"""Of what people have read. For each room that a person may be in, there is one more at once: after it was
offline a page may say how far it has read each."""
STRIKES = Rate(200, 5, 5)
"""The abuse budget. A strike is a refused event, a message that was acknowledged before, or a packet that
nobody handles."""
DAY = 86_400
BYTES, ROOMS, ROOMS_OF_PERSON = "bytes", "rooms", "made-by"
"""First words of the buckets' keys that are not of messages."""


class RateLimit(Enum):
    """What an event of a client is counted as."""

    MESSAGES = "messages"
    """By the log when it is kept; see MessageRateLimit."""
    TYPING = "typing"
    REQUESTS = "requests"
    MARKS = "marks"


class WorkerRateLimits:
    """The rate limits that one worker counts for itself, by person and by address. A bucket that is full
    again is forgotten."""

    def __init__(self, rooms: int, people_per_address: int) -> None:
        """`rooms`: how many a person can be in."""
        self._requests = REQUESTS._replace(at_once=REQUESTS.at_once + 2 * rooms)
        self._marks = MARKS._replace(at_once=MARKS.at_once + rooms)
        self._people = people_per_address
        self._buckets = MemoryBuckets()

    def count(self, limit: RateLimit, person: str, address: str) -> None:
        """Count an event. Raises Refused. Messages are counted elsewhere, see RateLimit."""
        if limit is RateLimit.REQUESTS and not self._take("asks", self._requests, person, address):
            raise Refused("rate_limited", "You ask too often. Wait a second.", retry_after=1)
        if limit is RateLimit.TYPING and not self._take("types", TYPING, person, address):
            raise Refused("rate_limited", "Typing is told too often.", retry_after=1)
        if limit is RateLimit.MARKS and not self._take("reads", self._marks, person, address):
            raise Refused("rate_limited", "Marks are moved too often. Wait a second.", retry_after=1)

    def strike(self, person: str, address: str) -> bool:
        """Count work that was caused for nothing. False if the abuse budget is spent."""
        return self._take("is refused", STRIKES, person, address)

    def _take(self, what: str, rate: Rate, person: str, address: str) -> bool:
        people = self._people
        buckets = [
            TokenBucket(f"{person} {what}", rate.per_second, rate.at_once),
            TokenBucket(f"address {address} {what}", rate.address_per_second * people, rate.at_once * people),
        ]
        try:
            self._buckets.take(buckets, monotonic_ns() // 1000)
        except Limited:
            return False
        return True


@dataclass(frozen=True)
class MessageRateLimit:
    """The rate limits of messages, which all workers share.

    Messages, and bytes of them, that a person may send at once, and then a second. An address may send what
    `people_per_address` people may. `rooms_per_day`: rooms that an address may begin; `rooms_in_all`: rooms
    that there may be."""

    per_second: int
    at_once: int
    bytes_per_second: int
    bytes_at_once: int
    people_per_address: int
    rooms_per_day: int
    rooms_in_all: int

    def buckets(self, person: str, address: str, size: int) -> list[TokenBucket]:
        """Return the buckets that a message of `size` bytes takes tokens of. `address`: as of address_of."""
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

    def creation_by(self, person: str, address: str) -> LogCreation:
        """Return what a person from this address has to meet to make a room that not everybody may see."""
        most, of_address = self.creation(address)
        own = TokenBucket(f"{ROOMS_OF_PERSON} {person}", self.rooms_per_day / DAY, self.rooms_per_day)
        return LogCreation(most, [own, *of_address])

    def refusal(self, limited: Limited) -> Refused:
        """Return the refusal of a message that exceeds a limit."""
        kind, wait = limited.bucket.key.split()[0], max(1, ceil(limited.retry_after))
        if kind == ROOMS_OF_PERSON:
            most, minutes = self.rooms_per_day, -(-wait // 60)
            detail = f"You can make {most} rooms in a day. Try again in {minutes} min."
            return Refused("limit", detail, wait, reason="rooms_of_person_per_day", most=most)
        if kind == ROOMS:
            most, minutes = self.rooms_per_day, -(-wait // 60)
            detail = f"From one address {most} rooms can be begun in a day. Try again in {minutes} min."
            return Refused("limit", detail, wait, reason="rooms_per_day", most=most)
        much = f"{self.bytes_per_second} bytes" if kind == BYTES else f"{self.per_second} messages"
        return Refused(
            "rate_limited", f"More than {much} a second. This one is not sent yet: try again.", wait
        )

    def no_more_rooms(self) -> Refused:
        """Return the refusal of a message that would begin one room too many."""
        detail = f"There are {self.rooms_in_all} rooms already. A moderator can clear one to make place."
        return Refused("limit", detail, reason="rooms_in_all", most=self.rooms_in_all)
