"""The arguments of events: what a client sent, which may be any JSON, checked and taken apart."""

from typing import Any

from chat.domain.refusals import Refused


def arguments_of(arguments: tuple[Any, ...], text: bool = False) -> tuple[Any, dict[str, Any]]:
    """Return a leading text, where one is expected, and the options. Raises Refused."""
    first, rest = (arguments[:1], arguments[1:]) if text else ((None,), arguments)
    match rest:
        case () | (None,):
            options: dict[str, Any] = {}
        case (dict(options),):
            pass
        case _:
            raise Refused("invalid", "The last argument is an object with options, and nothing follows it.")
    return (first[0] if first else None), options


def seq_of(options: dict[str, Any], name: str) -> int | None:
    """Return a whole number among the options, None if there is none. Raises Refused."""
    value = options.get(name)
    if value is None:
        return None
    # JavaScript's largest exact integer; True is an int to Python.
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 2**53 - 1:
        raise Refused("invalid", f"`{name}` is a whole number, 0 or more.")
    return value
