"""A visit: one peer, started anew and measured once, and what was found."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.bench.clients import Clients
from tests.bench.load import TOO_BUSY, Load, Run
from tests.bench.meter import Meter
from tests.bench.peers import Peer, Site
from tests.bench.plan import Plan, Sample

BUSY_GENERATOR = "†"
FELL_BEHIND = "‡"
SENDERS = 10


@dataclass
class Visit:
    """Steps (steps.py) fill `samples` by row. The searches begin at what an earlier visit to this peer found
    (`before`). `load`, `clients` and `meter` are there while the peer is started."""

    site: Site
    peer: Peer
    plan: Plan
    repetition: int = 0
    before: dict[str, Sample] = field(default_factory=dict)
    samples: dict[str, Sample] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)  # what should never be: repeated, overtaken or disordered
    generator: list[tuple[str, float]] = field(default_factory=list)

    @contextmanager
    def started(self, workers: int, recovery: bool = False) -> Iterator[None]:
        """The peer runs, with so many workers, and has no clients yet."""
        self.site.start(self.peer, workers, recovery=recovery)
        self.meter = Meter(self.site)
        with Load(self.site.door) as self.load:
            self.clients = Clients(self.peer.title, self.load, self.meter, self.broken, self.generator)
            yield

    def wants(self, *keys: str) -> bool:
        return self.plan.wants(*keys, repetition=self.repetition)

    def note(self, key: str, value: float, generator: float = 0.0, mark: str = "") -> None:
        self.samples[key] = Sample(value, mark + (BUSY_GENERATOR if generator > TOO_BUSY else ""))

    def note_run(self, key: str, value: float, run: Run) -> None:
        """The same, with the marks of a run at a rate that was offered."""
        self.note(key, value, run.generator, "" if run.kept_up else FELL_BEHIND)
