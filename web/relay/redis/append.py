"""What append.lua and its like are told of an entry, and what their replies mean; see entry.lua."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

from relay.log.amendments import Changed
from relay.log.log import Appended, IdTaken, LogFull, LogUnavailable, NoSuchEntry
from relay.log.post import Post
from relay.log.rules import Denied, RequirementUnmet
from relay.log.votes import MOST_KEYS, TooManyKeys
from relay.redis.commands import Command
from relay.redis.names import RoomNames
from relay.redis.ruling import Ruling, StaleRules


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
    """An entry that is to be appended, as entry.lua is told of it. `size`: about how many bytes that is.
    `slow_mode`: the rule that may keep it out for some time. `deny_field`: the field that may."""

    keys: tuple[str, ...]
    words: tuple[str | bytes | int, ...]
    size: int
    id: str
    fingerprint: str
    slow_mode: str
    deny_field: str

    @classmethod
    def of(cls, names: RoomNames, post: Post, ruling: Ruling, *, trims: bool = False) -> NewEntry:
        """Return what has to be appended to a room's log for a post, if the room has one. `ruling`: what the
        post was let in by. `trims`: whether old entries are trimmed, or it is about entries that change."""
        preconditions, fingerprint = post.preconditions, digest(post.repeated)
        keys, required, denying = names.change if trims else names.append, "", ""
        if preconditions.requires is not None:
            record, required = preconditions.requires
            keys = (*keys, names.partition.kept(record))
        if preconditions.deny_field is not None:
            record, denying = preconditions.deny_field
            keys = (*keys, names.partition.kept(record))
        words: tuple[str | bytes | int, ...] = (
            int(Lets.ENTRY),
            post.id,
            post.dedup_key,
            fingerprint,
            post.data,
            names.live,
            names.room,
            ruling.version,
            ruling.slow_mode(preconditions),
            preconditions.sender,
            required,
            denying,
        )
        size = WORDS + len(post.data)
        return cls(keys, words, size, post.id, fingerprint, preconditions.slow_mode, denying)

    def letting(self, lets: Lets) -> NewEntry:
        """Return the same entry, of which this may be written."""
        return replace(self, words=(int(lets), *self.words[1:]))

    def without_dedup(self) -> NewEntry:
        """Return the same entry, which is not remembered."""
        id, key, _, *rest = self.words[1:]
        return replace(self, words=(self.words[0], id, key, "", *rest), fingerprint="")

    def answer(self, reply: list[Any]) -> Appended:
        """Return what was replied about this entry. Raises as the methods of Log do, NotLetIn, and
        StaleRules."""
        epoch, written, outcome = reply
        if outcome < 0:
            raise self._refusal(epoch, outcome)
        seq, at, kept = written.decode().split(" ")
        if kept != self.fingerprint:
            raise IdTaken(self.id)
        return Appended(epoch.decode(), int(seq), int(at), duplicate=outcome == 1)

    def _refusal(self, cause: Any, outcome: int) -> Exception:
        match outcome:
            case -1:
                return Denied(self.slow_mode, -(-cause // 1000))
            case -2:
                return NotLetIn()
            case -4:
                return StaleRules(int(cause))
            case -5:
                return RequirementUnmet(self.id)
            case -6:
                return Denied(self.deny_field, None)
            case -7:
                return NoSuchEntry(f"the log has no entry {int(cause)} with this id")
            case -8:
                return Changed(f"entry {int(cause)} has other data by now")
            case -9:
                return TooManyKeys(f"entry {int(cause)} has {MOST_KEYS} keys already")
        error = cause.decode(errors="replace")
        if error.startswith("OOM"):
            return LogFull(f"Redis is full: {error}")
        return LogUnavailable(f"Redis refused: {error}")


ENTRY = "epoch.lua", "changed.lua", "count_votes.lua", "entry.lua"
"""What the scripts that append entries begin with."""
WORDS = 500
"""About how many bytes a script is told of an entry besides its data."""


def call_for(entries: Sequence[NewEntry], *, in_cluster: bool, keep: int, dedup_ttl: int) -> Command:
    """Return the call of append.lua that appends entries in this order. It replies with an answer for each.
    `in_cluster`: as of Link. `keep` and `dedup_ttl`: as of RedisLog."""
    keys = [key for entry in entries for key in entry.keys]
    words = (word for entry in entries for word in entry.words)
    return (len(keys), *keys, secrets.token_urlsafe(6), dedup_ttl, keep, int(in_cluster), *words)


def digest(data: bytes) -> str:
    """Return the fingerprint that is kept of an entry: 18 characters."""
    return hashlib.blake2b(data, digest_size=9).hexdigest()
