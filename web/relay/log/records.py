"""Records: small hashes that belong to owners, such as people. Many owners spread over a cluster's nodes.

A record lies in the partition of its owner. One that has only one owner has the owner in its name. One that
the owners of a partition share is asked for by its fields, which are the owners. The records of one owner are
changed together in one step. They are kept in Redis for many workers, and in memory for one.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

MOST_BYTES = 64 * 1024
"""Bytes of a value."""
MOST_CHARS = 200
"""Characters of an owner, a name or a field."""
MOST_FIELDS = 5000
"""What the fields of a record may be bounded to. A script of Redis takes no more at once."""


class Ask(NamedTuple):
    """Some fields of a record; all if none are named."""

    owner: str
    name: str
    fields: tuple[str, ...] = ()


class Expect(NamedTuple):
    """What a field has to be for a change to be made; None: it is missing."""

    name: str
    field: str
    value: bytes | None


class Fewer(NamedTuple):
    """A record has to have fewer fields than `than` for a change to be made. Of fields that last for a time,
    those that have just ended may count."""

    name: str
    than: int


Expectation = Expect | Fewer


class Put(NamedTuple):
    """Keep a value in a field for `seconds` from now; 0: until it is dropped. Where the record has more than
    `most` fields then, 1 to MOST_FIELDS, those of the others that would be forgotten first are dropped."""

    name: str
    field: str
    value: bytes
    seconds: int
    most: int


class Drop(NamedTuple):
    """Forget a field."""

    name: str
    field: str


Change = Put | Drop


class Records(Protocol):
    """Small hashes of `bytes` by owner, such as a user's settings. The owner says where a record lies, and
    its name, or each field's, has the owner in it. The records of one owner change together in one step."""

    async def read(self, *asks: Ask) -> list[dict[str, bytes]]:
        """Return for each what there is of its fields, in one round trip. Raises LogUnavailable, and
        ValueError for a field that may be another owner's, as `change` does."""

    async def everywhere(self, name: str) -> dict[str, bytes]:
        """Return all fields of the records of this name that owners share, those of every partition in one
        round trip. It is for records of which there are few. Raises LogUnavailable."""

    async def change(self, owner: str, *changes: Change, expect: Sequence[Expectation] = ()) -> bool:
        """Make all changes to the records of an owner, or none if something is not as expected. Returns
        whether they were made. Where the connection breaks meanwhile they may be made twice; then the second
        time finds what the first made, and False may mean that they were made. Raises LogUnavailable, and
        ValueError for an owner, a name or a field of more than 200 characters, for a value of more than
        64 KiB, for a record of more than 5,000 fields, and for a field of which neither its own name nor its
        record's has the owner in it."""


def check_asks(asks: Sequence[Ask]) -> None:
    """Raise ValueError for what may be of another owner."""
    for ask in asks:
        if not ask.fields:
            _check_owner(ask.owner, ask.name, "")
        for field in ask.fields:
            _check_owner(ask.owner, ask.name, field)


def check(owner: str, changes: Sequence[Change], expect: Sequence[Expectation]) -> None:
    """Raise ValueError if something is too large to be kept, or may be of another owner."""
    fields = (each.field for each in (*changes, *expect) if not isinstance(each, Fewer))
    for word in (owner, *(each.name for each in (*changes, *expect)), *fields):
        if len(word) > MOST_CHARS:
            raise ValueError(f"An owner, a name or a field has at most {MOST_CHARS} characters.")
    for each in changes:
        if isinstance(each, Put) and len(each.value) > MOST_BYTES:
            raise ValueError(f"A value has at most {MOST_BYTES} bytes, not {len(each.value)}.")
        if isinstance(each, Put) and not 1 <= each.most <= MOST_FIELDS:
            raise ValueError(
                f"A record has at most {MOST_FIELDS} fields: `most` is 1 to that, not {each.most}."
            )
    for one in (*changes, *expect):
        _check_owner(owner, one.name, "" if isinstance(one, Fewer) else one.field)


def _check_owner(owner: str, name: str, field: str) -> None:
    """Raise ValueError for a field that is not the owner's alone. A record without its owner's name belongs
    to all owners of a partition. In memory all are in one, on Redis few, so that nobody would notice."""
    if owner not in name and owner not in field:
        raise ValueError(
            f"The owner {owner!r} says only where a record lies, so {name!r} would be other owners' too. "
            f"Put the owner into its name, as in {name + ' of ' + owner!r}, or into that of each field."
        )
