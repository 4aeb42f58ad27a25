"""The clients of a visit: as many as a row needs, in their rooms, and a peer at rest before each run."""

import time

from tests.bench.load import Load, LoadError, Run
from tests.bench.meter import Meter
from tests.support.waiting import eventually


class Clients:
    """The clients of one peer. `broken`: what should never be, repeated, overtaken or disordered messages.
    `generator`: for each run, the share of a core that the load itself took."""

    def __init__(
        self,
        title: str,
        load: Load,
        meter: Meter,
        broken: list[str],
        generator: list[tuple[str, float]],
    ) -> None:
        self.load = load
        self._title = title
        self._meter = meter
        self._broken = broken
        self._generator = generator
        self._gathered: tuple[int, int, str] | None = None

    def scatter(self) -> None:
        """Have new ones made for the next run."""
        self._gathered = None

    def gather(self, count: int, rooms: int, route: str = "-") -> None:
        """So many clients and no other, spread over the rooms, at rest; new ones, unless those of the last
        run are just as many and well."""
        if self._gathered == (count, rooms, route):
            return self.rest()
        self.load.drop()
        self.rest()
        self.load.connect(count)
        for _ in range(3):  # who is refused asks again
            joined = self.load.join(rooms, route=route)["joined"]
            if joined == count or route != "-":
                break
        else:
            raise LoadError(f"{self._title}: {joined} of {count} clients joined")
        self.rest()
        self._gathered = (count, rooms, route)

    def rest(self) -> None:
        """Wait until the peer has nothing more to do."""

        def resting() -> bool:
            before = self._meter.read()
            time.sleep(0.2)
            return sum(self._meter.read().cpu_since(before).values()) < 0.02

        eventually(resting, within=60, what=f"{self._title} comes to rest")

    def run(self, what: str, *, rate: float, seconds: float, senders: int, size: int = 80) -> Run:
        run = self.load.run(rate=rate, seconds=seconds, senders=senders, size=size)
        self._generator.append((what, run.generator))
        if not run.whole:
            self._gathered = None
        if run.repeated or run.skipped or run.refused or run.cut:
            counts = (f"{getattr(run, name)} {name}" for name in ("repeated", "skipped", "refused", "cut"))
            self._broken.append(f"{what}: {', '.join(counts)}")
        return run
