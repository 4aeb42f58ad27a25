"""The identity: as whom somebody is here, and in which browser."""

import secrets
from dataclasses import dataclass, replace

from chat.domain.people import Person

EARLIER = 3
"""Sessions before the present one that a cookie remembers, to end them with it."""


@dataclass(frozen=True)
class Identity:
    """A person, and the session of the browser they use; only its holder knows its id."""

    person: Person
    session: str
    lasting: bool = True  # False: of one connection, which has no cookie
    moderator: bool = False
    earlier: tuple[str, ...] = ()  # sessions that this one replaced, in which tabs may be still

    @classmethod
    def of(cls, person: Person, lasting: bool = True) -> "Identity":
        """Return the identity of a person in a new session."""
        return cls(person, secrets.token_urlsafe(12), lasting)

    def named(self, name: str) -> "Identity":
        """Return the same one under another name."""
        return replace(self, person=replace(self.person, name=name))

    def promoted(self) -> "Identity":
        """Return the same one as a moderator, in a new session: nobody knows its id from before."""
        if self.moderator:
            return self
        earlier = (*self.earlier, self.session)[-EARLIER:]
        return replace(self, session=secrets.token_urlsafe(12), moderator=True, earlier=earlier)

    @property
    def sessions(self) -> tuple[str, ...]:
        """Every session that ends with this one."""
        return (self.session, *self.earlier)
