"""The store: the few small things besides the log that an application's workers know in common.

Kept by Redis for many workers, by memory for one. Every method raises LogUnavailable within 2 s when the
store can't be reached.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Count(NamedTuple):
    """How often something was counted, and the seconds until counting begins anew."""

    value: int
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


class Store(Protocol):
    async def once(self, key: str, value: bytes) -> bytes:
        """What all workers agree on: the value that was given first."""

    async def count(self, key: str, by: int, seconds: int) -> Count:
        """Count, beginning anew `seconds` after the first time. May count twice when the link to the store
        breaks meanwhile, never less than once."""

    async def mark(self, key: str, seconds: int) -> None:
        """Remember a key for some time."""

    async def marked(self, key: str) -> bool:
        """Whether a key is remembered."""

    async def add(self, member: str, *places: Place) -> str | None:
        """Add a member to several sets at once, or to none of them: the key of the first that is full. Sets
        it is in already are never full for it."""

    async def add_each(self, *additions: tuple[str, Place]) -> None:
        """Add members to sets, each unless its set is full. One round trip for all."""

    async def remove(self, key: str, member: str) -> None:
        """Take a member out of a set."""

    async def members(self, key: str) -> set[str]:
        """The members of a set."""

    async def note(self, key: str, what: bytes, most: int) -> None:
        """Write a note under the others of this key, of which about the last `most` are kept."""

    async def notes(self, key: str, before: str | None = None, limit: int = 100) -> list[Note]:
        """The last notes, newest first; `before`: those older than the one of this id."""
