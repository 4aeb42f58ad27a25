"""The store: small data besides the log that all workers of an application share.

It is kept in Redis for many workers, and in memory for one. Every method raises LogUnavailable within 2 s
when the store can't be reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class Quota(NamedTuple):
    """How often something may be counted within `seconds` of the first time; then counting begins anew."""

    key: str
    most: int
    seconds: int


class Spent(NamedTuple):
    """A quota of which nothing is left, and the seconds until counting begins anew."""

    quota: Quota
    seconds: int


class Note(NamedTuple):
    """What was noted. Ids grow with time. `at`: milliseconds since 1970 on the keeper's clock."""

    id: str
    at: int
    what: bytes


class BoundedSet(NamedTuple):
    """A set of at most `most` members. It is forgotten `seconds` after one was added last; 0: never."""

    key: str
    most: int
    seconds: int = 0


class Recent(NamedTuple):
    """A set of the members that were remembered last: at most `most`, each for `seconds` after the last time.
    `along`: when a member gives way to a newer one, the key that is made of `along` and the member is deleted
    too; empty: none is."""

    key: str
    most: int
    seconds: int
    along: str = ""


class Store(Protocol):
    """Small data that all workers share. Every method raises LogUnavailable within 2 s when the store can't
    be reached."""

    async def once(self, key: str, value: bytes) -> bytes:
        """Keep a value under a key unless there is one, and return the value that is kept."""

    async def take(self, *quotas: Quota) -> Spent | None:
        """Count one in each quota, or in none if one is spent. Returns the first spent quota, None if all
        were counted. May count twice when the connection breaks meanwhile, but never less than once."""

    async def give_back(self, *quotas: Quota) -> None:
        """Count one less in each quota, after `take`. May count twice when the connection breaks
        meanwhile."""

    async def mark(self, key: str, seconds: int) -> None:
        """Remember a key for some time."""

    async def marked(self, key: str) -> bool:
        """Return whether a key is remembered."""

    async def add(self, member: str, *sets: BoundedSet) -> str | None:
        """Add a member to several sets, or to none if one is full. Returns the key of the first full set,
        None if it was added. A set that the member is in already does not count as full."""

    async def remove(self, key: str, member: str) -> None:
        """Remove a member from a BoundedSet. Nothing removes one from a Recent before its time."""

    async def members(self, key: str) -> set[str]:
        """Return the members of a BoundedSet."""

    async def remember(self, *members: tuple[str, Recent]) -> None:
        """Make each the newest member of its Recent; the oldest gives way where there are too many. All in
        one round trip."""

    async def recent(self, recent: Recent) -> list[str]:
        """Return the members of a Recent, the newest first."""

    async def is_recent(self, member: str, recent: Recent) -> bool:
        """Return whether `member` is in a Recent."""

    async def forget(self, key: str) -> None:
        """Forget what is kept under a key, of whatever kind it is."""

    async def note(self, key: str, what: bytes, most: int) -> None:
        """Add a note to those of this key, of which about the last `most` are kept. It may be there twice
        when the connection breaks meanwhile."""

    async def notes(self, key: str, before: str | None = None, limit: int = 100) -> list[Note]:
        """Return the last notes, newest first. `before`: only those older than the note with this id."""

    async def rewrite_notes(self, key: str, what: Mapping[str, bytes]) -> None:
        """Replace what some notes of a key say, by their ids, for good. Ids, order and all other notes stay.
        Ids that there are not any more do nothing. Some hundred at once at most."""
