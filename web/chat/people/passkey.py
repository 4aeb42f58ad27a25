"""A passkey as the server keeps it: the public half of a key pair by which a person comes back.

The private half never leaves the person's device, or the password manager that takes it to their others. It
is of no use on another host than that at which it was made.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from time import time
from typing import Any

from relay import Ask, Drop, Expect, Put

from chat.people.devices import Device
from chat.people.person_record import MEMBERS_LAST

OF_PERSON = 10
"""Passkeys of one person. None gives way to another: nobody loses a way in without knowing it."""
ID_MAX_BYTES = 1023
"""Of what an authenticator calls a key pair (Web Authentication, 4)."""
KEY_MAX_BYTES = 1024
"""Of a public key: one of RSA with 4096 bits has about 540."""


@dataclass(frozen=True)
class Passkey:
    """`id`: what its authenticator calls it; `key`: the public key, as COSE has it; `uses`: how many its
    authenticator counted, 0 if it does not count; `synced`: whether it goes along to other devices;
    `code`: what stands for the access code that its person gave, as of Logins.era; `device`: in which
    browser it was made. `at`, `used`: when it was made and used last, in milliseconds since 1970; 0: never.
    `more`: what another release keeps besides."""

    id: bytes
    key: bytes
    uses: int
    synced: bool
    code: str
    device: Device
    at: int
    used: int = 0
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, data: bytes) -> "Passkey":
        """Return the passkey that was kept."""
        content: dict[str, Any] = json.loads(data)
        id, key = b64decode(content.pop("id")), b64decode(content.pop("key"))
        device = Device(*content.pop("device"))
        names = ("uses", "synced", "code", "at", "used")
        known = {name: content.pop(name) for name in names if name in content}
        return cls(id, key, device=device, **known, more=content)

    @property
    def digest(self) -> str:
        """What stands for it in its record, and on a page."""
        return digest_of(self.id)

    def put(self, person: str) -> Put:
        """Return what keeps it."""
        known = {name: value for name, value in vars(self).items() if name != "more"}
        known |= {name: b64encode(known[name]).decode() for name in ("id", "key")}
        return _put(person, self.digest, json.dumps({**self.more, **known}).encode())


def digest_of(id: bytes) -> str:
    """Return what stands for a passkey, whatever the length of its id."""
    return sha256(id).hexdigest()[:32]


def name_of(person: str) -> str:
    """Return the name of the record that holds a person's passkeys, by their digests."""
    return f"passkeys:{person}"


def ask(person: str, *digests: str) -> Ask:
    """Return the question for some of a person's passkeys; for all if none are named."""
    return Ask(person, name_of(person), digests)


def expect(person: str, digest: str, found: bytes | None) -> Expect:
    """Return that the passkey has to be as it was found."""
    return Expect(name_of(person), digest, found)


def drops(person: str, digests: Iterable[str]) -> list[Drop]:
    """Return what ends passkeys."""
    return [Drop(name_of(person), digest) for digest in digests]


def renewal(person: str, found: Mapping[str, bytes]) -> tuple[list[Put], list[Expect]]:
    """Return what keeps a person's passkeys, as they were found, for as long as their person, who is here;
    and that nobody has changed them meanwhile."""
    puts = [_put(person, digest, data) for digest, data in found.items()]
    return puts, [expect(person, digest, data) for digest, data in found.items()]


def now() -> int:
    """Return milliseconds since 1970."""
    return int(time() * 1000)


def _put(person: str, digest: str, data: bytes) -> Put:
    return Put(name_of(person), digest, data, MEMBERS_LAST, OF_PERSON)
