"""The limits: how often somebody may do something, and how long those are borne who don't mind.

Messages and their bytes are counted where all workers look (see relay.buckets): by person, whatever tabs and
rooms they are in; and by address, for as many as may share one, since whoever comes without a cookie is
somebody new with each connection. All else is counted by session on its worker: it writes nothing that
everybody has to read, so a round trip to count it would cost as much as doing it, and a new session costs a
handshake, which nginx limits.
"""

from dataclasses import dataclass
from math import ceil
from time import monotonic

from relay import Bucket, Limited, Making

from chat.refusals import Refused

TYPING = 8, 2
"""What a client may say of its typing: so much at once, and then so much a second."""
REQUESTS = 100, 20
"""The same of its other requests; and as many again as two for each room that it can be in."""
DAY = 86_400
BYTES, ROOMS = "bytes", "rooms"
"""First words of the buckets' keys that are not of messages."""
PATIENCE = 200, 5
"""How many refusals, and acks of what was acked before, a client may cause until it is disconnected."""


class Allowance:
    """So many at once, and then so many a second."""

    __slots__ = ("_at", "_at_once", "_left", "_per_second")

    def __init__(self, at_once: float, per_second: float) -> None:
        self._at_once = at_once
        self._per_second = per_second
        self._left = at_once
        self._at = monotonic()

    def take(self) -> bool:
        """Use one; False if there is none."""
        now = monotonic()
        self._left = min(self._at_once, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Allowances:
    """What is left to one session."""

    __slots__ = ("patience", "requests", "typing")

    def __init__(self, rooms: int) -> None:
        """`rooms`: how many it can be in. After a reconnect a page asks for each of them at once."""
        at_once, per_second = REQUESTS
        self.typing = Allowance(*TYPING)
        self.requests = Allowance(at_once + 2 * rooms, per_second)
        self.patience = Allowance(*PATIENCE)

    def ask(self) -> None:
        """Count a request. Raises Refused."""
        if not self.requests.take():
            raise Refused("rate_limited", "You ask too often. Wait a second.", retry_after=1)

    def type(self) -> None:
        """Count a word of typing. Raises Refused."""
        if not self.typing.take():
            raise Refused("rate_limited", "Typing is told too often.", retry_after=1)


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

    def buckets(self, person: str, address: str, size: int) -> list[Bucket]:
        """Return what a message of this person from this address, of so many bytes, takes tokens of; see
        address_of."""
        people = self.people_per_address
        per_second, at_once = self.bytes_per_second, self.bytes_at_once
        return [
            Bucket(f"person {person}", self.per_second, self.at_once),
            Bucket(f"address {address}", self.per_second * people, self.at_once * people),
            Bucket(f"{BYTES} of person {person}", per_second, at_once, size),
            Bucket(f"{BYTES} of address {address}", per_second * people, at_once * people, size),
        ]

    def making(self, address: str) -> Making:
        """Return what a room's first message from this address has to pass besides."""
        return Making(
            self.rooms_in_all, [Bucket(f"{ROOMS} of {address}", self.rooms_per_day / DAY, self.rooms_per_day)]
        )

    def refusal(self, limited: Limited) -> Refused:
        """Return how somebody is told to wait."""
        kind, wait = limited.bucket.key.split()[0], max(1, ceil(limited.retry_after))
        if kind == ROOMS:
            most, minutes = self.rooms_per_day, -(-wait // 60)
            detail = f"From one address {most} rooms can be begun in a day. Try again in {minutes} min."
            return Refused("limit", detail, wait)
        much = f"{self.bytes_per_second} bytes" if kind == BYTES else f"{self.per_second} messages"
        return Refused(
            "rate_limited", f"More than {much} a second. This one is not sent yet: try again.", wait
        )

    def no_more_rooms(self) -> Refused:
        """Return how somebody is told that no room can be made."""
        detail = f"There are {self.rooms_in_all} rooms already. A moderator can clear one to make place."
        return Refused("limit", detail)
