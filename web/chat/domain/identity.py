"""The identity: which person a client speaks for, and by which login."""

import secrets
from dataclasses import dataclass, field, replace

from chat.domain.people import Person

EARLIER = 3
"""Logins before the present one that a cookie remembers. They end with it."""


@dataclass(frozen=True)
class Identity:
    """A person, and the id of a login: one browser's sign-in. The id is a secret of that browser."""

    person: Person
    login: str
    lasting: bool = True  # False: it has no cookie, and ends with its connection
    moderator: bool = False
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

    def promoted(self) -> "Identity":
        """Return the same one as a moderator, with a new login whose id nobody knows yet."""
        if self.moderator:
            return self
        earlier = (*self.earlier, self.login)[-EARLIER:]
        return replace(self, login=secrets.token_urlsafe(12), moderator=True, earlier=earlier, kept=False)

    @property
    def logins(self) -> tuple[str, ...]:
        """This login and the earlier ones, which end with it."""
        return (self.login, *self.earlier)
