"""The arguments of events: what a client sent, which may be any JSON, is checked and taken apart.

A reader returns one argument of the options that a client sent, or raises Refused.
"""

from collections.abc import Callable
from typing import Any

from relay import Head

from chat.domain.messages import ID, check_id
from chat.domain.refusals import Refused
from chat.domain.room_names import LOBBY, check_room
from chat.people.reading import LEVELS

Options = dict[str, Any]
Reader = Callable[[Options], Any]


def taken_apart(arguments: tuple[Any, ...], text: bool = False) -> tuple[Any, Options]:
    """Return a leading text, where one is expected, and the options. Raises Refused."""
    first, rest = (arguments[:1], arguments[1:]) if text else ((None,), arguments)
    match rest:
        case () | (None,):
            options: Options = {}
        case (dict(options),):
            pass
        case _:
            raise Refused("invalid", "The last argument is an object with options, and nothing follows it.")
    return (first[0] if first else None), options


def anything(name: str) -> Reader:
    """Read what is checked where it is used; None if there is none."""
    return lambda options: options.get(name)


def room(options: Options) -> str:
    """Read a room's name."""
    return check_room(options.get("room"))


def room_or_lobby(options: Options) -> str:
    """Read a room's name; the lobby's if none is given."""
    return check_room(options.get("room", LOBBY))


def message_id(options: Options) -> str:
    """Read a message's id."""
    return check_id(options.get("id"))


def reply(options: Options) -> tuple[int | None, str] | None:
    """Read the number and the id of the message that is answered; None if there is none."""
    value = options.get("reply")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Refused("invalid", "`reply` is an object with the `seq` and the `id` of a message.")
    return whole_number("seq")(value), message_id(value)


def epoch(options: Options) -> str | None:
    """Read a log's epoch; None if there is none."""
    value = options.get("epoch")
    if not isinstance(value, str | None):
        raise Refused("invalid", "`epoch` is the text that an earlier answer gave.")
    return value


def position(options: Options) -> Head:
    """Read a log's epoch and a number in it. Both are needed."""
    known, seq = epoch(options), whole_number("seq")(options)
    if known is None or seq is None:
        raise Refused("invalid", "`seq` and `epoch` are those of a message, or of an answer to `join`.")
    return Head(known, seq)


def level(options: Options) -> str:
    """Read of how much in a room somebody wants to be told."""
    value = options.get("level")
    if value not in LEVELS:
        raise Refused("invalid", "`level` is all, mentions or none.")
    return str(value)


def flag(name: str) -> Reader:
    """Read true or false."""

    def read(options: Options) -> bool:
        value = options.get(name)
        if not isinstance(value, bool):
            raise Refused("invalid", f"`{name}` is true or false.")
        return value

    return read


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


def person(options: Options) -> str:
    """Read the id of a person."""
    return _person(options.get("person"), "person")


def people(most: int) -> Reader:
    """Read a list of ids of people, at most so many; empty if there is none."""

    def read(options: Options) -> list[str]:
        value = options.get("people")
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > most:
            raise Refused("invalid", f"`people` is a list of at most {most} ids of people.")
        return [_person(each, "people") for each in value]

    return read


def _person(value: Any, name: str) -> str:
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise Refused("invalid", f"`{name}` names people by their ids, as they are in a message's `author`.")
    return value
