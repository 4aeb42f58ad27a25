"""A post: what a caller appends to a room's log, and what has to hold for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relay.log.rules import NO_PRECONDITIONS, Preconditions
from relay.log.token_buckets import TokenBucket


class LogCreation(NamedTuple):
    """What a post has to meet besides if it is the first of its room, and so makes the room's log. `most`:
    how many logs there may be, 0 for any number. `rates`: token buckets, as of Post."""

    most: int = 0
    rates: Sequence[TokenBucket] = ()


NO_LIMIT = LogCreation()
"""Any number of logs may be made."""


class Post(NamedTuple):
    """`id`: the caller's own. A second post with the same id, author and room is a repetition: it gets the
    first one's answer and is not appended.
    `data`: what is kept and delivered.
    `fingerprint`: what a repetition must repeat; `data` by default. Give it where data may differ between two
    tries, for example because it holds an author's name.
    `author`: whose the id is, without spaces. Two authors may use the same id. Empty: the room's own.
    `preconditions`: rules that keep a new entry out, and what it requires.
    `rates`: token buckets of which a new entry takes tokens.
    `creation`: what has to be met besides if the room has no log yet."""

    id: str
    data: bytes
    fingerprint: bytes | None = None
    author: str = ""
    preconditions: Preconditions = NO_PRECONDITIONS
    rates: Sequence[TokenBucket] = ()
    creation: LogCreation = NO_LIMIT

    @property
    def dedup_key(self) -> str:
        """The key that the post is remembered by. No author has a space, so no two pairs give one key."""
        return f"{self.author} {self.id}" if self.author else self.id

    @property
    def repeated(self) -> bytes:
        """What a repetition must repeat."""
        return self.data if self.fingerprint is None else self.fingerprint


def check(room: str, post: Post) -> None:
    """Raise TypeError or ValueError for a room or a post that can't be kept. In Redis an entry shares a call
    with those of others, who would get no answer because of it."""
    preconditions = post.preconditions
    fields = ("required", preconditions.requires), ("deny", preconditions.deny_field)
    texts = [
        ("room", room),
        ("id", post.id),
        ("author", post.author),
        ("sender", preconditions.sender),
        ("slow_mode", preconditions.slow_mode),
    ]
    for kind, field in fields:
        if field is not None:
            texts += [(f"{kind} record", field.name), (f"{kind} field", field.field)]
    for what, text in texts:
        if not isinstance(text, str):
            raise TypeError(f"the {what} of a post is a str, and no {type(text).__name__}")
        if not text.isascii():
            _check_text(what, text)
    for kind, field in fields:
        if field is not None and not field.field:
            raise ValueError(f"the {kind} field of a post is empty")
    for what, data in (("data", post.data), ("fingerprint", post.repeated)):
        if not isinstance(data, bytes):
            raise TypeError(f"the {what} of a post is bytes, and no {type(data).__name__}; encode it first")


def _check_text(what: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"the {what} of a post has half of a character (a lone surrogate)") from None
