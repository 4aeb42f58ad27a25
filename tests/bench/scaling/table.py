"""A table: what it is about, and how each of its rows is measured."""

from collections.abc import Callable, Sequence
from typing import NamedTuple


class Table(NamedTuple):
    """`name`: what SCALING calls it. `counts`: what grows from row to row, as the first cell of each. `row`:
    measures the other cells for one of them."""

    name: str
    title: str
    head: Sequence[str]
    counts: Sequence[int]
    row: Callable[[int], Sequence[float]]
