"""The messages: what may become one, how it lies in the log, and how the wire shows it."""

import json
import re
import secrets
from dataclasses import dataclass
from typing import Any

from relay import Entry

from chat.people import Person
from chat.refusals import Refused

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Draft:
    """A message on its way into a room's log, which gives it its number and its time."""

    id: str
    author: Person
    text: str

    @classmethod
    def compose(cls, author: Person, text: Any, id: Any, max_chars: int) -> "Draft":
        """Return the draft of what a client sent; without an `id`, it gets one. Raises Refused."""
        return cls(
            id=check_id(secrets.token_urlsafe(12) if id is None else id),
            author=author,
            text=check_text(text, max_chars),
        )

    def data(self) -> bytes:
        """Return what the log keeps of it."""
        author = {"id": self.author.id, "name": self.author.name}
        return json.dumps({"text": self.text, "author": author}, ensure_ascii=False).encode()


def message_of(entry: Entry) -> dict[str, Any]:
    """Return the message object of the wire contract; `at` is in milliseconds since 1970."""
    kept = json.loads(entry.data)
    return {"id": entry.id, "room": entry.room, "seq": entry.seq, "at": entry.at, **kept}


def response_of(entry: Entry) -> tuple[str, tuple[Any, ...]]:
    """Return the event that tells a room's members of an entry. The first argument alone is what the guide's
    own page shows; `epoch` tells a client that its numbers mean nothing any more. What has no text, a message
    that was deleted and the entry that says so, has an event of its own."""
    about = message_of(entry) | {"epoch": entry.epoch}
    if "text" not in about:
        return "deleted", (about,)
    text = about.pop("text")
    return "response", (text, about)


def tombstone(message: dict[str, Any]) -> bytes:
    """Return what the log keeps of a message that is deleted."""
    return json.dumps({"deleted": True, "author": message["author"]}, ensure_ascii=False).encode()


def deletion(seq: int) -> tuple[str, bytes]:
    """Return the id and the data of the entry that says that a message was deleted. No message has such an
    id."""
    return f"deleted:{seq}", json.dumps({"deletes": seq}).encode()


def check_id(id: Any) -> str:
    if not isinstance(id, str) or not ID.fullmatch(id):
        raise Refused("invalid", "A message's id is 1 to 64 letters, digits, hyphens or underscores.")
    return id


def check_text(text: Any, max_chars: int) -> str:
    if not isinstance(text, str):
        raise Refused("invalid", "A message is a text, and at most an object with room and id besides.")
    if not text.strip():
        raise Refused("empty", "The message is empty.")
    if len(text) > max_chars:
        raise Refused("too_long", f"The message has {len(text)} characters; the most is {max_chars}.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refused("invalid", "The message holds half of a character (a lone surrogate).") from None
    return text
