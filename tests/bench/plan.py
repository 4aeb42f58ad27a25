"""What a visit measures how often, and what one measurement is."""

from dataclasses import dataclass

from tests.bench.rows import ROOMS


@dataclass(frozen=True)
class Plan:
    """How much of everything."""

    repetitions: int
    seconds: float  # of each run
    halvings: int  # steps of the search for the highest rate
    idle: int  # connections whose memory is measured
    rooms: tuple[int, ...] = ROOMS
    whole: bool = True  # False leaves out what takes long


FULL = Plan(repetitions=5, seconds=2, halvings=2, idle=2000)
QUICK = Plan(repetitions=1, seconds=1.5, halvings=1, idle=500, rooms=(1000,), whole=False)


@dataclass(frozen=True)
class Sample:
    value: float
    mark: str = ""
