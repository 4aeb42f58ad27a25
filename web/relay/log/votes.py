"""Votes: what many say of one entry, each by a key. The log counts the voters of each key; a read returns the
counts with the entry.

A key stands for something that one may say, such as an emoji. A voter has each key of an entry or has it not,
however often they say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from relay.log.numbers import check_object, check_seq
from relay.log.post import Post

MOST_KEYS = 20
"""Keys that an entry has at most at once."""
MOST_CHARS = 200
"""Characters of a key, of a voter's id or of their name."""


class Vote(NamedTuple):
    """A voter casts a key for the entry with this number and id, or takes it back (`cast` is false).
    `key`, `voter_id`: without blanks, never empty.
    `voter_name`: what `Log.voters` says of them from now on, of all their votes in the room.
    `begins`: what the entry's data begins with. Where entries are of several kinds, it says for which one may
    vote, and no read has to come before.
    `dedup`: whether the post is remembered, so that a repetition changes nothing after its vote was taken
    back. Who only ever says again what they said last does not need it, and Redis has a tenth less to do."""

    seq: int
    id: str
    key: str
    voter_id: str
    voter_name: str
    cast: bool
    begins: bytes = b""
    dedup: bool = True


@dataclass(frozen=True, slots=True)
class Tally:
    """How many voters a key has, at least one. `since`: number of the entry of the vote that was the first
    then, after there was none."""

    key: str
    count: int
    since: int


class Voter(NamedTuple):
    """Who voted, and by which key. `name`: as of their last vote in the room; "" once it was forgotten."""

    key: str
    id: str
    name: str


class TooManyKeys(Exception):
    """The entry has `MOST_KEYS` other keys. Nothing was written."""


def check_vote(vote: Vote, post: Post) -> None:
    """Raise ValueError for a vote, or the post that says it, that can't be kept."""
    check_seq("seq", vote.seq)
    for what, word in (("key", vote.key), ("voter_id", vote.voter_id)):
        if word.split() != [word]:
            raise ValueError(f"the {what} of a vote has at least one character and no blank, not {word!r}")
    for what, text in (("key", vote.key), ("voter_id", vote.voter_id), ("voter_name", vote.voter_name)):
        if len(text) > MOST_CHARS:
            raise ValueError(f"the {what} of a vote has at most {MOST_CHARS} characters, not {len(text)}")
    if not isinstance(vote.begins, bytes):
        raise TypeError(
            f"what the entry of a vote `begins` with is bytes, and no {type(vote.begins).__name__}"
        )
    check_object("vote", post.data)
