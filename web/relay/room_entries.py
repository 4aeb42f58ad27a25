"""Entries whose data is a JSON value, as Rooms keeps them, and what clients are shown of them."""

import json
from typing import Any

from relay.log.log import Entry
from relay.log.post import Post
from relay.support.utf8_json import encode

MAX_DEPTH = 64
"""Arrays and objects inside one another. Readers of JSON give up at some depth, some Pythons' at less than
1,000."""
PLACEHOLDER = "_placeholder"
"""The key by which Socket.IO marks where bytes belong. A client that receives a false one closes its
connection."""


class NotJson(ValueError):
    """The value is no JSON that every client can read. Its text says why, in a sentence."""


def data_of(value: Any) -> bytes:
    """Return a JSON value as a log keeps it. Raises NotJson."""
    _check(value)
    try:
        return encode(value, allow_nan=False)
    except (TypeError, ValueError):
        raise NotJson("`data` is any JSON value; NaN and Infinity are none.") from None


def value_of(entry: Entry) -> Any:
    """Return the JSON value of an entry; None for data that is no JSON, which another program appended."""
    try:
        return json.loads(entry.data, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def post(id: str, value: Any) -> Post:
    """Return a post whose data is a JSON value. Raises NotJson."""
    return Post(id, data_of(value))


def entry_of(entry: Entry) -> dict[str, Any]:
    """Return what an answer has of an entry."""
    return {"seq": entry.seq, "id": entry.id, "at": entry.at, "data": value_of(entry)}


def event_of(entry: Entry) -> bytes:
    """Return the event `entry`, by which an entry is delivered. Its data is what the log has, and is not
    written down again; it is parsed once on each worker, since a member would close its connection over what
    is no JSON."""
    place = {"room": entry.room, "epoch": entry.epoch, "seq": entry.seq, "id": entry.id, "at": entry.at}
    data = b"null" if value_of(entry) is None else entry.data
    return b'["entry",%b,"data":%b}]' % (encode(place)[:-1], data)


def _check(value: Any) -> None:
    """Raise NotJson if a value is too deep, or could be taken for Socket.IO's own mark."""
    level, depth = [value], 0
    while level:
        if depth > MAX_DEPTH:
            raise NotJson(f"`data` has at most {MAX_DEPTH} arrays and objects inside one another.")
        inner: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                if PLACEHOLDER in each:
                    raise NotJson(f"No object in `data` may have the key {PLACEHOLDER}.")
                inner += each.values()
            elif isinstance(each, list | tuple):
                inner += each
        level, depth = inner, depth + 1


def _refuse(constant: str) -> None:
    raise NotJson(f"{constant} is no JSON")
