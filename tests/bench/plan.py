"""What a visit measures how often, and what one measurement is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    fewer: Mapping[str, int] = field(default_factory=dict)  # repetitions of rows that take long

    def wants(self, *keys: str, repetition: int = 0) -> bool:
        """Return whether one of these rows is to be measured in this repetition, of which the first is 0."""
        return any(repetition < self._times(key) and _matches(key, self.rows) for key in keys)

    def _times(self, key: str) -> int:
        return min(
            (times for pattern, times in self.fewer.items() if _matches(key, [pattern])),
            default=self.repetitions,
        )

    def narrowed(self, rows: Sequence[str]) -> "Plan":
        """The same of these rows only, also of those that it would leave out itself."""
        return replace(self, rows=tuple(rows))


def _matches(key: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(key, pattern) for pattern in patterns)


FULL = Plan(
    repetitions=3,
    seconds=2,
    halvings=2,
    idle=2000,
    fewer={
        "rest.*": 1,
        "jitter.*": 1,
        "replay.*": 1,
        "stalled.*": 2,
        "bystander.*": 2,
    },
)
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
