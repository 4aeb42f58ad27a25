"""What a visit measures how often, and what one measurement is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from tests.bench.rows import OFFERED

EVERYTHING = ("*",)


@dataclass(frozen=True)
class Plan:
    """How much of everything. `rows` are patterns of the keys in rows.py, as a shell has them."""

    repetitions: int
    seconds: float  # of each run
    halvings: int  # steps of the search for the highest rate
    idle: int  # connections whose memory is measured
    rows: tuple[str, ...] = EVERYTHING

    def wants(self, *keys: str) -> bool:
        """Return whether one of these rows is to be measured."""
        return any(fnmatchcase(key, pattern) for key in keys for pattern in self.rows)

    def narrowed(self, rows: Sequence[str]) -> "Plan":
        """The same of these rows only, also of those that it would leave out itself."""
        return replace(self, rows=tuple(rows))


FULL = Plan(repetitions=5, seconds=2, halvings=2, idle=2000)
# Leaves out what takes long.
QUICK = Plan(
    repetitions=1,
    seconds=1.5,
    halvings=1,
    idle=500,
    rows=(
        "connect*",
        "idle",
        "last.*",
        "storm.*",
        *(f"web.{rate}" for rate in OFFERED),
        "held.10",
        "held.1000",
    ),
)


@dataclass(frozen=True)
class Sample:
    value: float
    mark: str = ""
