"""Values: JSON that several workers read, change and write, such as the state of a game.

A value is a record of one owner, its name, so that values spread over a cluster's nodes. Each change gives it
another version, and is made only if the version is still the one that was read. Redis may be asked for the
same change twice, when a connection breaks. So each change also leaves its own mark for a while: who is
refused by a version that is its own finds it, and does not make the change once more.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from inspect import iscoroutine
from json import loads
from secrets import token_hex
from typing import Any, Final
from weakref import WeakValueDictionary

from relay.log.records import MOST_FIELDS, Ask, Change, Drop, Expect, Put, Records
from relay.support.utf8_json import encode

VALUE, VERSION = "value", "version"
"""Fields of the record."""
MARKED_FOR = 4
"""Seconds for which the mark of a change is kept: longer than anybody waits for an answer."""


class Delete:
    """The kind of DELETE."""

    def __repr__(self) -> str:
        return "DELETE"


DELETE: Final = Delete()
"""What a change returns to delete the value."""


class Values:
    """`relay.values`. Every method raises LogUnavailable when the values can't be reached, and
    ValueError for a name of more than 190 characters."""

    def __init__(
        self, records: Records, lock: Callable[[], AbstractAsyncContextManager[None]] = asyncio.Lock
    ) -> None:
        """`lock`: makes what the changes of one value wait for here. They would all be right without it, but
        of a hundred that come at once each would be tried fifty times."""
        self._records = records
        self._lock = lock
        self._locks = WeakValueDictionary[str, AbstractAsyncContextManager[None]]()

    async def read(self, name: str) -> Any:
        """Return the value; None if there is none."""
        (kept,) = await self._records.read(Ask(name, _record(name), (VALUE,)))
        return _value_of(kept)

    async def change(self, name: str, how: Callable[[Any], Any], lasts: int = 0) -> Any:
        """Put `how(value)` in the place of the value, and return it. No other change comes in between.

        `how` is given the value, or None if there is none. It may change what it is given. It returns the new
        value, DELETE, or None to leave all as it is. It is called again where another change was first, so it
        only computes. `lasts`: in how many seconds the value is deleted unless it is changed before; 0:
        never.

        After LogUnavailable it is unknown whether the change was made. Raises LogFull, and TypeError or
        ValueError for what is no JSON or has more than 64 KiB."""
        if not isinstance(lasts, int) or lasts < 0:
            raise ValueError(
                f"`lasts` is a whole number of seconds, or 0 for a value that stays, not {lasts!r}."
            )
        lock = self._locks.setdefault(name, self._lock())
        async with lock:
            return await self._change(name, how, lasts)

    async def delete(self, name: str) -> None:
        """Delete a value. It is a change as any other: nothing that was read before it is put in its place
        afterwards."""
        await self.change(name, lambda value: None if value is None else DELETE)

    async def _change(self, name: str, how: Callable[[Any], Any], lasts: int) -> Any:
        record, mark, new = _record(name), f"changed {token_hex(8)}", None
        while True:
            (kept,) = await self._records.read(Ask(name, record, (VALUE, VERSION, mark)))
            if mark in kept:
                return new
            new = how(_value_of(kept))
            if new is None:
                return None
            unchanged = Expect(record, VERSION, kept.get(VERSION))
            marking = Put(record, mark, b"", MARKED_FOR, MOST_FIELDS)
            if await self._records.change(name, *_changes(record, new, lasts), marking, expect=[unchanged]):
                return new


def _record(name: str) -> str:
    return f"value of {name}"


def _value_of(kept: dict[str, bytes]) -> Any:
    return loads(kept[VALUE]) if VALUE in kept else None


def _changes(record: str, new: Any, lasts: int) -> list[Change]:
    """Return what makes this the value."""
    if new is DELETE:
        return [Drop(record, VALUE), Drop(record, VERSION)]
    if iscoroutine(new):
        new.close()
        raise TypeError(
            "The function that computes the new value may be called again: write it without async."
        )
    version = token_hex(8).encode()
    data = encode(new, allow_nan=False)
    return [
        Put(record, field, value, lasts, MOST_FIELDS) for field, value in ((VALUE, data), (VERSION, version))
    ]
