"""What append.lua is told of each entry, and what its replies mean."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from relay.log.log import Appended, IdTaken, LogFull, LogUnavailable
from relay.log.post import Post
from relay.log.rules import Denied
from relay.redis.link import Command
from relay.redis.names import Names
from relay.redis.rules import seconds_of


class Lets(IntEnum):
    """What may be written of an entry that is not a repetition."""

    NOTHING = 0
    ENTRY = 1
    """If the room has a log."""
    LOG = 2
    """Also the room's log, if it has none."""


class NotLetIn(Exception):
    """The entry may not be written, and nothing else keeps it out: see Lets. Nothing was written."""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry that is to be appended, as append.lua is told of it. `size`: about how many bytes that is."""

    keys: tuple[str, ...]
    words: tuple[str | bytes | int, ...]
    size: int
    id: str
    fingerprint: str

    @classmethod
    def of(cls, names: Names, room: str, post: Post, lets: Lets = Lets.ENTRY) -> NewEntry:
        """Return what has to be appended to a room's log for a post."""
        preconditions, fingerprint = post.preconditions, digest(post.repeated)
        keys = (
            names.log(room),
            names.head(room),
            names.ids(room),
            names.amended(room),
            names.last_append(room, preconditions.sender),
        )
        words: tuple[str | bytes | int, ...] = (
            post.id,
            post.dedup_key,
            fingerprint,
            post.data,
            names.live(room),
            int(lets),
            preconditions.slow_mode,
            len(preconditions.deny),
            *preconditions.deny,
        )
        return cls(keys, words, WORDS + len(post.data), post.id, fingerprint)

    def answer(self, reply: list[Any]) -> Appended:
        """Return what append.lua replied about this entry. Raises as Log.append does, and NotLetIn."""
        epoch, written, outcome = reply
        if outcome < 0:
            raise self._refusal(epoch, written, outcome)
        seq, at, kept = written.decode().split()
        if kept != self.fingerprint:
            raise IdTaken(self.id)
        return Appended(epoch.decode(), int(seq), int(at), duplicate=outcome == 1)

    def _refusal(self, cause: Any, left: int, outcome: int) -> Exception:
        if outcome == -1:
            return Denied(cause.decode(), seconds_of(left))
        if outcome == -2:
            return NotLetIn()
        error = cause.decode(errors="replace")
        if error.startswith("OOM"):
            return LogFull(f"Redis is full: {error}")
        return LogUnavailable(f"Redis refused: {error}")


WORDS = 500
"""About how many bytes append.lua is told of an entry besides its data."""


def call_for(entries: Sequence[NewEntry], names: Names, *, keep: int, dedup_ttl: int) -> Command:
    """Return the call of append.lua that appends entries in this order. It replies with an answer for each.
    `keep` and `dedup_ttl`: as of RedisLog."""
    keys = [key for entry in entries for key in entry.keys]
    words = (word for entry in entries for word in entry.words)
    return (1 + len(keys), names.rules, *keys, secrets.token_urlsafe(6), dedup_ttl, keep, *words)


def digest(data: bytes) -> str:
    """Return the fingerprint that is kept of an entry: 18 characters."""
    return hashlib.blake2b(data, digest_size=9).hexdigest()
