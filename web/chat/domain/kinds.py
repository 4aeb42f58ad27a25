"""The kinds of entries in a room's log, and all that the server has to know of each. A new kind is one more
line of KINDS.

A message's data is on two lines: the text, and what there is to know besides. That of any other entry is one
line: a JSON object whose first field names its kind.
"""

from typing import NamedTuple

from relay import Entry


class Kind(NamedTuple):
    """`event`: by which an entry is delivered. `message`: whether it is a message, or what is left of one,
    and counts among those that a client asked for. `changes`: whether it changed messages that came before.
    `exported`: whether it is in the file of what its author wrote."""

    event: bytes
    message: bool = False
    changes: bool = False
    exported: bool = False


BEGINS = b'"'
"""What the data of a message begins with, which is that of no other entry: a text in JSON."""
TEXT = Kind(b"response", message=True, exported=True)
UNKNOWN = Kind(b"changed")
"""One of a later release: it has a number, and clients skip what they do not know."""
KINDS = {
    b"deleted": Kind(b"deleted", message=True),
    b"deletes": Kind(b"deleted", changes=True),
    b"erases": Kind(b"deleted", changes=True),
    b"made": Kind(b"deleted"),
    b"edits": Kind(b"changed", changes=True),
    b"reacts": Kind(b"changed", changes=True, exported=True),
}
"""The kinds of entries without a text, by the first field of their data."""


def kind_of(data: bytes) -> Kind:
    """Return of which kind an entry is."""
    return TEXT if b"\n" in data else kind_named(data)


def kind_named(about: bytes) -> Kind:
    """Return the kind that the first field of an entry without a text names."""
    return KINDS.get(about[2 : about.index(b'"', 2)], UNKNOWN)


def has_text(entry: Entry) -> bool:
    """Return whether an entry is a message that was not deleted."""
    return kind_of(entry.data) is TEXT


def is_message(entry: Entry) -> bool:
    """Return whether an entry is a message, or what is left of one."""
    return kind_of(entry.data).message
