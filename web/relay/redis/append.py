"""What append.lua is told of each entry, and what its replies mean."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from relay.log.log import Appended, IdTaken, LogFull, LogUnavailable, TooManyLogs
from relay.log.post import Post
from relay.log.rules import Denied
from relay.log.token_buckets import Limited, TokenBucket
from relay.redis.link import Command
from relay.redis.names import Names
from relay.redis.rules import seconds_of


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry that is to be appended, as append.lua is told of it. `size`: about how many bytes that is."""

    keys: tuple[str, ...]
    words: tuple[str | bytes | int, ...]
    size: int
    id: str
    fingerprint: str
    rates: Sequence[TokenBucket]

    @classmethod
    def of(cls, names: Names, room: str, post: Post) -> NewEntry:
        """Return what has to be appended to a room's log for a post."""
        preconditions, fingerprint = post.preconditions, digest(post.repeated)
        rates = [*post.rates, *post.creation.rates]
        keys = (
            names.log(room),
            names.head(room),
            names.ids(room),
            names.amended(room),
            names.last_append(room, preconditions.sender),
            *(names.bucket(each.key) for each in rates),
        )
        words = (
            post.id,
            post.dedup_key,
            fingerprint,
            post.data,
            names.live(room),
            room,
            post.creation.most,
            preconditions.slow_mode,
            len(preconditions.deny),
            len(rates),
            len(post.creation.rates),
            *preconditions.deny,
            *(word for each in rates for word in (f"{each.token:.6f}", each.burst, each.cost)),
        )
        return cls(keys, words, WORDS + len(post.data), post.id, fingerprint, rates)

    def answer(self, reply: list[Any]) -> Appended:
        """Return what append.lua replied about this entry. Raises as Log.append does."""
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
            return Limited(self.rates[cause - 1], left / 1_000_000)
        if outcome == -3:
            return TooManyLogs(f"there are {cause} logs already")
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
    return (2 + len(keys), names.rules, names.logs, *keys, secrets.token_urlsafe(6), dedup_ttl, keep, *words)


def digest(data: bytes) -> str:
    """Return the fingerprint that is kept of an entry: 18 characters."""
    return hashlib.blake2b(data, digest_size=9).hexdigest()
