"""Amendments: what an entry's data is replaced by, for good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relay.log.numbers import check_field, check_object, check_seq


class Changed(Exception):
    """An entry has other data by now than the amendment was made for. Nothing was written: read it again."""


class Amendment(NamedTuple):
    """New data for the entry with this number and id.
    `was`: the data that it replaces; None: whatever there is.
    `numbered`: a field that the new data, which ends with a JSON object, gets there. Its value is the number
    of the notice. None: no such field."""

    seq: int
    id: str
    data: bytes
    was: bytes | None = None
    numbered: str | None = None


def check_amendments(amendments: Sequence[Amendment]) -> None:
    """Raise ValueError for what is no number of an entry, and for data that can't be numbered."""
    for each in amendments:
        check_seq("seq", each.seq)
        if each.numbered is not None:
            check_field(each.numbered)
            check_object("numbered amendment", each.data)
