"""The identity: which person a client speaks for, and by which login."""

import secrets
from dataclasses import dataclass, field, replace

from chat.domain.people import Person
from chat.domain.roles import MODERATE, OWNER

EARLIER = 3
"""Logins before the present one that a cookie remembers. They end with it."""


@dataclass(frozen=True)
class Identity:
    """A person, and the id of a login: one browser's sign-in. The id is a secret of that browser."""

    person: Person
    login: str
    lasting: bool = True  # False: it has no cookie, and ends with its connection
    badge: bool = False  # it gave the moderators' code
    role: str = ""  # of the person, as it is kept; empty if nothing is
    program: bool = False  # it came by a token, whose digest is the login
    earlier: tuple[str, ...] = ()  # logins that this one replaced; tabs may still be connected by them
    signed: int = field(default=0, compare=False)  # when its cookie was, in seconds since 1970
    kept: bool = field(
        default=False, compare=False
    )  # the server keeps the login, as the cookie says or as was asked
    renew: bool = field(default=False, compare=False)  # its cookie is old, or does not say that it is kept

    @classmethod
    def of(cls, person: Person, lasting: bool = True) -> "Identity":
        """Return the identity of a person with a new login."""
        return cls(person, secrets.token_urlsafe(12), lasting)

    def named(self, name: str) -> "Identity":
        """Return the same one under another name."""
        return replace(self, person=replace(self.person, name=name))

    @property
    def moderator(self) -> bool:
        """Whether it has a moderator's rights: by its badge, or by its person's role."""
        return self.badge or self.role in MODERATE

    @property
    def mark(self) -> str:
        """The field by which the wire says what somebody is besides; empty for most."""
        return "moderator" if self.moderator else "program" if self.program else ""

    @property
    def owner(self) -> bool:
        """Whether it may give and take roles."""
        return self.role == OWNER

    def outranks(self, role: str) -> bool:
        """Return whether this moderator may end what somebody with a role has: a moderator's an owner may, an
        owner's nobody."""
        return role not in MODERATE or (self.owner and role != OWNER)

    def promoted(self) -> "Identity":
        """Return the same one with a badge, and a new login whose id nobody knows yet."""
        if self.badge:
            return self
        earlier = (*self.earlier, self.login)[-EARLIER:]
        return replace(self, login=secrets.token_urlsafe(12), badge=True, earlier=earlier, kept=False)

    @property
    def logins(self) -> tuple[str, ...]:
        """This login and the earlier ones, which end with it."""
        return (self.login, *self.earlier)
