"""A login as the server keeps it: one browser in which a person is signed in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from relay import Ask, Drop, Expect, Put

from chat.people.devices import Device
from chat.people.person_record import GUESTS_LAST, PersonRecord

OF_PERSON = 50
"""Logins of one person. Where there are more, those go that were seen longest ago."""


@dataclass(frozen=True)
class KeptLogin:
    """`at`, `seen`: when it began, and when it was here last, in milliseconds since 1970; `address`: as of
    address_of; `earlier`: logins that it replaced, which end with it; `more`: what another release keeps
    besides."""

    id: str
    at: int
    seen: int
    address: str
    device: Device
    earlier: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, id: str, data: bytes) -> "KeptLogin":
        """Return the login that was kept."""
        content: dict[str, Any] = json.loads(data)
        at, seen, address = content.pop("at"), content.pop("seen"), content.pop("address")
        device, earlier = Device(*content.pop("device")), tuple(content.pop("earlier"))
        return cls(id, at, seen, address, device, earlier, content)

    @property
    def digest(self) -> str:
        """What stands for it on a page: its id is a secret of its browser."""
        return sha256(self.id.encode()).hexdigest()[:32]

    @property
    def ids(self) -> tuple[str, ...]:
        """Its id, and those of the logins that end with it."""
        return (self.id, *self.earlier)

    def put(self, person: str, record: PersonRecord, days: int) -> Put:
        """Return what keeps it, for so many days. That of a guest outlives the record of the guest by a day:
        a login that is missing beside a record has ended."""
        known = {
            "at": self.at,
            "seen": self.seen,
            "address": self.address,
            "device": self.device,
            "earlier": self.earlier,
        }
        lasts = days * 86_400
        if record.lasts == GUESTS_LAST:
            lasts = min(lasts, GUESTS_LAST + 86_400)
        return Put(name_of(person), self.id, json.dumps({**self.more, **known}).encode(), lasts, OF_PERSON)


def name_of(person: str) -> str:
    """Return the name of the record that holds a person's logins, by their ids."""
    return f"logins:{person}"


def ask(person: str, *logins: str) -> Ask:
    """Return the question for some of a person's logins; for all if none are named."""
    return Ask(person, name_of(person), logins)


def expect(person: str, login: str, found: bytes | None) -> Expect:
    """Return that the login has to be as it was found."""
    return Expect(name_of(person), login, found)


def drop(person: str, login: str) -> Drop:
    """Return what forgets a login."""
    return Drop(name_of(person), login)
