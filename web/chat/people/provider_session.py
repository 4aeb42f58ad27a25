"""The session at the provider in which a login was made, so that both end together.

It lies beside the login, in the person's partition, and goes with it. It is not in it: each connect reads the
login, and has no use for a token of 2 kB.
"""

import json
from dataclasses import dataclass

from relay import Ask, Drop, Put

from chat.people.kept_login import OF_PERSON


@dataclass(frozen=True)
class ProviderSession:
    """`id`: the provider's, or empty if it names none; `token`: the ID token, or empty."""

    id: str
    token: str

    @classmethod
    def read(cls, data: bytes) -> "ProviderSession":
        """Return the session that was kept."""
        content = json.loads(data)
        return cls(content["sid"], content["token"])

    def put(self, person: str, login: str, days: int) -> Put:
        """Return what keeps it, for so many days."""
        data = json.dumps({"sid": self.id, "token": self.token}).encode()
        return Put(name_of(person), login, data, days * 86_400, OF_PERSON)


def name_of(person: str) -> str:
    """Return the name of the record that holds a person's sessions, by their logins."""
    return f"provider:{person}"


def ask(person: str, *logins: str) -> Ask:
    """Return the question for the sessions of some of a person's logins; for all if none are named."""
    return Ask(person, name_of(person), logins)


def drop(person: str, login: str) -> Drop:
    """Return what forgets the session of a login."""
    return Drop(name_of(person), login)
