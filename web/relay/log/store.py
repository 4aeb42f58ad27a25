"""The store: the few small things besides the log that an application's workers know in common.

Kept by Redis for many workers, by memory for one. Every method raises LogUnavailable within 2 s when the
store can't be reached.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Quota(NamedTuple):
    """How often something may be counted within so many seconds of the first time; then it begins anew."""

    key: str
    most: int
    seconds: int


class Spent(NamedTuple):
    """A quota of which nothing is left, and the seconds until it begins anew."""

    quota: Quota
    seconds: int


class Note(NamedTuple):
    """What was noted. Its id is its place; `at` is the keeper's clock in milliseconds since 1970."""

    id: str
    at: int
    what: bytes


class Place(NamedTuple):
    """A set that takes `most` members, and is forgotten `seconds` after the last one was added; 0: never."""

    key: str
    most: int
    seconds: int = 0


class Recent(NamedTuple):
    """The last `most` members of a set by when they were remembered last, each for `seconds` after that. When
    one gives way, what is kept under `along` and its name goes with it; empty: nothing does."""

    key: str
    most: int
    seconds: int
    along: str = ""


class Store(Protocol):
    async def once(self, key: str, value: bytes) -> bytes:
        """What all workers agree on: the value that was given first."""

    async def take(self, *quotas: Quota) -> Spent | None:
        """Count one in each quota, or in none: the first that is spent, None if all were counted. May count
        twice when the link to the store breaks meanwhile, never less than once."""

    async def give_back(self, *quotas: Quota) -> None:
        """Take back one of what `take` counted in each."""

    async def mark(self, key: str, seconds: int) -> None:
        """Remember a key for some time."""

    async def marked(self, key: str) -> bool:
        """Whether a key is remembered."""

    async def add(self, member: str, *places: Place) -> str | None:
        """Add a member to several sets at once, or to none of them: the key of the first that is full. Sets
        it is in already are never full for it."""

    async def remove(self, key: str, member: str) -> None:
        """Take a member out of a set."""

    async def members(self, key: str) -> set[str]:
        """The members of a set."""

    async def remember(self, *members: tuple[str, Recent]) -> None:
        """Make each the newest member of its set; the oldest gives way where there are too many. One round
        trip for all."""

    async def recent(self, recent: Recent) -> list[str]:
        """The members of such a set, the newest first."""

    async def is_recent(self, member: str, recent: Recent) -> bool:
        """Whether somebody is a member of such a set."""

    async def note(self, key: str, what: bytes, most: int) -> None:
        """Write a note under the others of this key, of which about the last `most` are kept."""

    async def notes(self, key: str, before: str | None = None, limit: int = 100) -> list[Note]:
        """The last notes, newest first; `before`: those older than the one of this id."""
