"""A ticket: the secret in a link, good for so many uses until its end.

Whoever opens the link of a ticket may take one use. A ticket is of one of four kinds: it brings a person to
another device, it brings somebody back whose browser has forgotten them, it invites somebody new, or it gives
a role to whoever opens it first.

Only a digest of the secret is kept, in the partition that the digest names, so nobody who reads what is kept
can use a ticket. One that is used up, withdrawn or over is kept for a while, so that its link can say so.
"""

import base64
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from time import time
from typing import Any

from relay import Ask, Expect, Put

TICKETS = "tickets"
"""The name of the records that hold tickets. Their fields are the digests."""
IN_PARTITION = 200
"""Tickets in each of 256 partitions. Where there are more, those go that would be forgotten first."""
SECRET = re.compile(r"[a-z2-7]{26}")
"""What a secret looks like."""
AFTER = 3600
"""Seconds for which a ticket is kept after its end."""


class Kind(StrEnum):
    DEVICE = "device"
    RETURN = "return"
    INVITATION = "invitation"
    ROLE = "role"


class State(StrEnum):
    OPEN = "open"
    USED = "used"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Ticket:
    """`uses`: how many are left, of so many; `end`: in milliseconds since 1970; `by`: the name of who made
    it; `person`: the id of whom one becomes; `login`: with which it ends; `room`: where it leads; `inviter`:
    the id of the member by whom it leads into a private room; `role`: what it gives, or the person had;
    `taken`: the digest of the last attempt that took a use; `more`: what another release keeps besides."""

    digest: str
    kind: Kind
    uses: int
    of: int
    end: int
    by: str
    person: str = ""
    login: str = ""
    room: str = ""
    inviter: str = ""
    role: str = ""
    withdrawn: bool = False
    taken: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, digest: str, data: bytes) -> "Ticket":
        """Return the ticket that was kept."""
        content: dict[str, Any] = json.loads(data)
        names = (
            "uses",
            "of",
            "end",
            "by",
            "person",
            "login",
            "room",
            "inviter",
            "role",
            "withdrawn",
            "taken",
        )
        known = {name: content.pop(name) for name in names if name in content}
        return cls(digest, Kind(content.pop("kind")), **known, more=content)

    @property
    def state(self) -> State:
        if self.withdrawn:
            return State.WITHDRAWN
        if self.uses < 1:
            return State.USED
        return State.ENDED if self.seconds <= 0 else State.OPEN

    @property
    def seconds(self) -> int:
        """Until its end."""
        return -(-(self.end - int(time() * 1000)) // 1000)

    def was_taken_by(self, attempt: str) -> bool:
        """Return whether the last use was that of this attempt."""
        return self.taken == digest_of(attempt)

    def put(self) -> Put:
        """Return what keeps it."""
        known = {name: value for name, value in vars(self).items() if name not in ("digest", "more")}
        lasts = max(self.seconds, 0) + AFTER
        return Put(TICKETS, self.digest, json.dumps({**self.more, **known}).encode(), lasts, IN_PARTITION)


def ask(digest: str) -> Ask:
    """Return the question for a ticket."""
    return Ask(digest, TICKETS, (digest,))


def expect(digest: str, found: bytes | None) -> Expect:
    """Return that the ticket has to be as it was found."""
    return Expect(TICKETS, digest, found)


def new_secret() -> str:
    """Return 128 random bits as text that nothing shortens where a link is written: a–z and 2–7."""
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


def digest_of(secret: str) -> str:
    """Return what is kept of a secret."""
    return sha256(secret.encode(errors="surrogatepass")).hexdigest()


def person_of(secret: str, attempt: str, name: str) -> str:
    """Return the id of whom an attempt to use an invitation makes: the same when it comes again, so that no
    room has somebody twice."""
    said = f"person {secret} {attempt} {name}".encode(errors="surrogatepass")
    return sha256(said).hexdigest()[:16]


def login_of(secret: str, attempt: str) -> str:
    """Return the id of the login that an attempt to use a ticket begins: the same when it comes again, so
    that a form that is sent once more, by the Back button of a browser that has signed out, begins no
    other."""
    said = f"{secret} {attempt}".encode(errors="surrogatepass")
    return base64.urlsafe_b64encode(sha256(said).digest()[:12]).decode()
