"""The messages: what one is, and what may become one."""

import re
import secrets
import time
from dataclasses import dataclass
from typing import Any

from chat.people import Person
from chat.rooms import LOBBY, exists

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Refused(Exception):
    """What somebody sent cannot be a message: an error code of the wire contract, and a sentence for its
    sender."""

    def __init__(self, error: str, detail: str) -> None:
        super().__init__(error, detail)
        self.error = error
        self.detail = detail


@dataclass(frozen=True)
class Message:
    """A message; `at` is in milliseconds since 1970."""

    id: str
    room: str
    at: int
    author: Person
    text: str

    @classmethod
    def compose(cls, author: Person, arguments: tuple[Any, ...], max_chars: int) -> "Message":
        """Return the message in the arguments of a `message` event: `text[, {room?, id?}]`. Raises
        Refused."""
        text, options = check_arguments(arguments)
        return cls(
            id=check_id(options.get("id", secrets.token_urlsafe(12))),
            room=check_room(options.get("room", LOBBY)),
            at=time.time_ns() // 1_000_000,
            author=author,
            text=check_text(text, max_chars),
        )


def check_arguments(arguments: tuple[Any, ...]) -> tuple[str, dict[str, Any]]:
    match arguments:
        case (str(text),) | (str(text), None):
            return text, {}
        case (str(text), dict(options)):
            return text, options
    raise Refused("invalid", "A message is a text, and at most an object with room and id besides.")


def check_id(id: Any) -> str:
    if not isinstance(id, str) or not ID.fullmatch(id):
        raise Refused("invalid", "A message's id is 1 to 64 letters, digits, hyphens or underscores.")
    return id


def check_room(room: Any) -> str:
    if not isinstance(room, str) or not exists(room):
        raise Refused("invalid", "There is no such room.")
    return room


def check_text(text: str, max_chars: int) -> str:
    if not text.strip():
        raise Refused("empty", "The message is empty.")
    if len(text) > max_chars:
        raise Refused("too_long", f"The message has {len(text)} characters; the most is {max_chars}.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refused("invalid", "The message holds half of a character (a lone surrogate).") from None
    return text
