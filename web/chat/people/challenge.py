"""A challenge: what a passkey signs, once and soon, so that a copy of the signature is of no use.

The chat signs a challenge and remembers nothing of it: asking for many fills nothing. One that a passkey has
signed is remembered with the person until it is over.
"""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from relay import Ask, Expect, Put

LASTS = 300
"""Seconds for which it is good: somebody may have to look for a phone or a key."""
OF_PERSON = 50
"""Used ones that are remembered of a person. Where there are more the oldest go: only their own passkeys
could have signed so many."""


class Purpose(StrEnum):
    ADD = "add"
    COME_BACK = "come back"


@dataclass(frozen=True)
class Used:
    """A challenge that is being used. `nonce`: what tells it from others; `attempt`: the request that uses
    it, which may try several times."""

    nonce: str
    attempt: str

    def is_ours(self, found: bytes | None) -> bool:
        """Return whether this very request has used it already; its answer was lost then."""
        return found == self._attempt

    def put(self, person: str) -> Put:
        """Return what remembers it."""
        return Put(name_of(person), self.nonce, self._attempt, LASTS, OF_PERSON)

    def expect(self, person: str) -> Expect:
        """Return that nobody has used it."""
        return Expect(name_of(person), self.nonce, None)

    def ask(self, person: str) -> Ask:
        """Return the question for who used it."""
        return Ask(person, name_of(person), (self.nonce,))

    @property
    def _attempt(self) -> bytes:
        return sha256(self.attempt.encode()).hexdigest()[:32].encode()


def name_of(person: str) -> str:
    """Return the name of the record that holds the challenges that a person's passkeys have signed."""
    return f"challenges:{person}"
