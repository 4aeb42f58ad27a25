"""The arguments of the events of Rooms: what a client sent, which may be any JSON, is checked and taken
apart.

A reader returns one argument of the options that a client sent, or raises Refused.
"""

import re
from collections.abc import Callable
from typing import Any

Options = dict[str, Any]
Reader = Callable[[Options], Any]

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
ROOM_MAX_CHARS = 64
EPOCH_MAX_CHARS = 64
"""Of an epoch that a client gives; those that a log draws have 10 at most."""


class Refused(Exception):
    """What a client asked for is not done. `error`: a code of the wire contract; `detail`: an English
    sentence for the log of a program; `retry_after`: seconds until it is worth another try."""

    def __init__(self, error: str, detail: str, retry_after: int | None = None) -> None:
        super().__init__(error, detail)
        self.error = error
        self.detail = detail
        self.retry_after = retry_after

    def answer(self) -> dict[str, Any]:
        """Return the acknowledgement that says so."""
        answer = {"ok": False, "error": self.error, "detail": self.detail}
        return answer if self.retry_after is None else answer | {"retry_after": self.retry_after}


def options_of(arguments: tuple[Any, ...]) -> Options:
    """Return the one argument that each event has, an object. Raises Refused."""
    match arguments:
        case (dict(options),):
            return options
    raise Refused("invalid", "The event has one argument, an object.")


def room(options: Options) -> str:
    """Read a room's name."""
    name = options.get("room")
    # Names of keys in Redis have the room between braces.
    if not (isinstance(name, str) and 0 < len(name) <= ROOM_MAX_CHARS and name.isprintable()) or (
        "{" in name or "}" in name
    ):
        detail = f"`room` is 1 to {ROOM_MAX_CHARS} printable characters without braces."
        raise Refused("invalid", detail)
    return name


def id(options: Options) -> str:
    """Read an entry's id."""
    value = options.get("id")
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise Refused("invalid", "`id` is 1 to 64 letters of ASCII, digits, hyphens or underscores.")
    return value


def data(options: Options) -> Any:
    """Read an entry's data, which may be null and may not be missing."""
    if "data" not in options:
        raise Refused("invalid", "`data` is missing.")
    return options["data"]


def epoch(options: Options) -> str | None:
    """Read a log's epoch; None if there is none."""
    value = options.get("epoch")
    if value is not None and not (isinstance(value, str) and len(value) <= EPOCH_MAX_CHARS):
        raise Refused("invalid", "`epoch` is the text that an earlier answer gave.")
    return value


def whole_number(name: str) -> Reader:
    """Read a whole number, 0 or more; None if there is none."""

    def read(options: Options) -> int | None:
        value = options.get(name)
        if value is None:
            return None
        # JavaScript's largest exact integer; True is an int to Python.
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 2**53 - 1:
            raise Refused("invalid", f"`{name}` is a whole number, 0 or more.")
        return value

    return read
