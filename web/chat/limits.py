"""The limits: how often somebody may do something, and how long those are borne who don't mind.

Messages are counted where all workers look (see relay.buckets): by person, whatever tabs and rooms they are
in; and by address, for as many as may share one, since whoever comes without a cookie is somebody new with
each connection. All else is counted by session on its worker: it writes nothing that everybody has to read,
so a round trip to count it would cost as much as doing it, and a new session costs a handshake, which nginx
limits.
"""

from dataclasses import dataclass
from math import ceil
from time import monotonic

from relay import Bucket, Limited

from chat.refusals import Refused

TYPING = 8, 2
"""What a client may say of its typing: so much at once, and then so much a second."""
REQUESTS = 100, 20
"""The same of its other requests; and as many again as two for each room that it can be in."""
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
    """How many messages a person may send at once, and then a second; and an address as many people's."""

    per_second: int
    at_once: int
    people_per_address: int

    def buckets(self, person: str, address: str) -> list[Bucket]:
        """Return what a message of this person from this address takes a token of; see address_of."""
        people = self.people_per_address
        return [
            Bucket(f"person {person}", self.per_second, self.at_once),
            Bucket(f"address {address}", self.per_second * people, self.at_once * people),
        ]

    def refusal(self, limited: Limited) -> Refused:
        """Return how somebody is told to wait."""
        detail = f"More than {self.per_second} messages a second. This one is not sent yet: try again."
        return Refused("rate_limited", detail, retry_after=max(1, ceil(limited.retry_after)))
