"""A visit: one peer, started anew and measured once, row by row."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from tests.bench.clients import Clients
from tests.bench.load import TOO_BUSY, Load, Run
from tests.bench.meter import SERVICES, Meter
from tests.bench.peers import Peer, Site
from tests.bench.plan import Plan, Sample
from tests.bench.rows import LIMIT_MS, OFFERED, PARTS, POLLED, QUANTILES, ROOMS
from tests.bench.search import highest

BUSY_GENERATOR = "†"
FELL_BEHIND = "‡"
SENDERS = 10
SPEAKERS = 100
"""Of 1,000 clients, as many in each room. With 10, each spoke 300 times a second; as a client's messages are
taken one after the other, what was measured was how soon one is acked."""
Step = tuple[Callable[[], None], tuple[str, ...]]
"""What measures, and the keys of the rows that it fills."""


@dataclass
class Visit:
    """Fills `samples` by row. The searches begin at what an earlier visit to this peer found (`before`)."""

    site: Site
    peer: Peer
    plan: Plan
    before: dict[str, Sample] = field(default_factory=dict)
    samples: dict[str, Sample] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)  # what should never be: repeated, overtaken or disordered
    generator: list[tuple[str, float]] = field(default_factory=list)

    def measure(self) -> None:
        """What the plan wants, the gentle first: what a peer does under too much load must not show in other
        rows."""
        steps: list[Step] = [
            (self._connections, ("connects", "connect.cpu", "idle")),
            (self._idle_room, ("last.p50", "last.p99")),
            (self._storm, ("storm.seconds", "storm.missing")),
            (
                self._offered,
                tuple(f"{name}.{rate}" for name in (*SERVICES, "p50", "p99") for rate in OFFERED),
            ),
        ]
        if self.peer.routed and self.peer.workers > 1:
            steps += [
                (self._stalled_reader, ("stalled.p99", "stalled.memory", "stalled.missing")),
                (self._bystander, tuple(f"bystander.{rate}" for rate in (0, *OFFERED))),
            ]
        parts = tuple(f"{name}.part{part}" for part in PARTS for name in QUANTILES)
        steps += [(partial(self._held, size), (f"held.{size}",)) for size in ROOMS]
        steps += [(self._parts, parts)]
        self._take(steps)
        if self.peer.polls and self.peer.workers > 1:
            # One worker: the session ids of the others name none, and a poll would not find its own again.
            self._take([(self._polling, ("poll.web", "poll.p99"))], workers=1)

    def _take(self, steps: list[Step], workers: int | None = None) -> None:
        """Start the peer and take the steps that measure a wanted row. Without such a step, do nothing."""
        wanted = [step for step, keys in steps if self.plan.wants(*keys)]
        if not wanted:
            return
        self.site.start(self.peer, workers)
        self.meter = Meter(self.site)
        with Load(self.site.door) as self.load:
            self.clients = Clients(self.peer.title, self.load, self.meter, self.broken, self.generator)
            for step in wanted:
                step()

    def _connections(self) -> None:
        """Memory of connections that do nothing, after a few have warmed the peer up."""
        self.load.connect(50)
        self.load.drop()
        self.clients.rest()
        before = self.meter.read()
        answer = self.load.connect(self.plan.idle)
        self.clients.rest()
        after = self.meter.read()
        self._note("connects", answer["opened"] / answer["seconds"], answer["cpu"] / answer["seconds"])
        self._note("connect.cpu", after.cpu_since(before)["web"] / answer["opened"] * 1e6)
        self._note("idle", (after.memory["web"] - before.memory["web"]) / 1024 / self.plan.idle)

    def _idle_room(self) -> None:
        self.clients.gather(1000, rooms=1)
        run = self.clients.run("idle", rate=5, seconds=2 * self.plan.seconds, senders=1)
        for name in ("p50", "p99"):
            self._note(f"last.{name}", run.complete.at(QUANTILES[name]), run.generator)

    def _storm(self) -> None:
        """All but the sender are gone at once; when it has sent, all come back at once."""
        self.clients.scatter()
        self.load.drop(1)
        self.load.run(rate=50, seconds=0.2, senders=1)
        came = self.load.connect(1000, at_once=1000)
        back = self.load.join(1)
        # The generator waits for two seconds for what will never come; they aren't the peer's.
        waited = back["seconds"] - (2 if back["missing"] else 0)
        self._note("storm.seconds", came["seconds"] + waited)
        self._note("storm.missing", back["missing"] / 999)

    def _offered(self) -> None:
        self.clients.gather(500, rooms=1)
        self.load.run(rate=OFFERED[0] / 500, seconds=1, senders=SENDERS)  # warms up
        for rate in OFFERED:
            if not self._cpu(rate):
                break

    def _cpu(self, rate: int) -> bool:
        """Return whether the peer held on."""
        self.clients.gather(500, rooms=1)
        before = self.meter.read()
        run = self.clients.run(f"{rate:,}/s", rate=rate / 500, seconds=self.plan.seconds, senders=SENDERS)
        used = self.meter.read().cpu_since(before)
        mark = "" if run.kept_up else FELL_BEHIND
        for service in SERVICES:
            self._note(f"{service}.{rate}", used[service] / max(run.heard, 1) * 1e6, run.generator, mark)
        for name in ("p50", "p99"):
            self._note(f"{name}.{rate}", run.latency.at(QUANTILES[name]), run.generator, mark)
        return run.kept_up

    def _stalled_reader(self) -> None:
        """Texts and times are long enough to fill what the kernel holds, some hundred KiB, and then some."""
        seconds, rate, size = 20, 100_000 / 500, 600
        self.clients.gather(501, rooms=1)
        calm = self.clients.run("nobody stalls", rate=rate, seconds=seconds, senders=SENDERS, size=size)
        before = self.meter.read()
        self.load.stall(500, 1)
        run = self.clients.run("one stalls", rate=rate, seconds=seconds, senders=SENDERS, size=size)
        after = self.meter.read()
        self.load.resume(500, 1)
        self.load.connect(501)
        back = self.load.join(1)
        mark = "" if run.kept_up and calm.kept_up else FELL_BEHIND
        self._note("stalled.p99", run.latency.at(0.99) / calm.latency.at(0.99), run.generator, mark)
        self._note(
            "stalled.memory", (after.memory["web"] - before.memory["web"]) / 2**20, run.generator, mark
        )
        self._note("stalled.missing", back["missing"], run.generator, mark)

    def _bystander(self) -> None:
        """Only those on the first client's worker join; the other's CPU is what a stranger's room costs."""
        self.load.drop()
        self.load.connect(1000)
        first = self.load.join(1)["route"]
        seconds = 2 * self.plan.seconds
        self.clients.gather(1000, rooms=1, route=first)
        before = self.meter.read()
        time.sleep(seconds)
        self._note("bystander.0", self.meter.read().idlest_since(before) / seconds * 100)
        for rate in OFFERED:
            self.clients.gather(1000, rooms=1, route=first)
            before = self.meter.read()
            run = self.clients.run("on one worker", rate=rate / 500, seconds=seconds, senders=SENDERS)
            used = self.meter.read().idlest_since(before)
            mark = "" if run.kept_up else FELL_BEHIND
            self._note(f"bystander.{rate}", used / (run.seconds + run.drain) * 100, run.generator, mark)
            if not run.kept_up:
                break

    def _held(self, size: int) -> None:
        best = 0.0
        busiest = 0.0

        def held(rate: float) -> bool:
            nonlocal best, busiest
            run = self._crowd(size, rate)
            if not run.whole or run.latency.at(0.99) > LIMIT_MS:
                return False
            if run.per_second > best:
                best, busiest = run.per_second, run.generator
            return True

        earlier = self.before.get(f"held.{size}")
        highest(held, earlier.value if earlier and earlier.value else 20_000, self.plan.halvings)
        self._note(f"held.{size}", best, busiest)

    def _parts(self) -> None:
        if "held.100" not in self.samples:
            self._held(100)
        for part in PARTS:
            run = self._crowd(100, self.samples["held.100"].value * part / 100)
            for name, quantile in QUANTILES.items():
                self._note(f"{name}.part{part}", run.latency.at(quantile), run.generator)

    def _crowd(self, size: int, rate: float) -> Run:
        """1,000 clients in rooms of `size`, at `rate` deliveries a second."""
        self.clients.gather(1000, rooms=1000 // size)
        return self.clients.run(
            f"rooms of {size}", rate=rate / size, seconds=self.plan.seconds, senders=SPEAKERS
        )

    def _polling(self) -> None:
        self.load.connect(100, transport="polling")
        self.load.join(1)
        before = self.meter.read()
        run = self.clients.run("polling", rate=POLLED / 100, seconds=self.plan.seconds, senders=SENDERS)
        mark = "" if run.kept_up else FELL_BEHIND
        used = self.meter.read().cpu_since(before)
        self._note("poll.web", used["web"] / max(run.heard, 1) * 1e6, run.generator, mark)
        self._note("poll.p99", run.latency.at(0.99), run.generator, mark)

    def _note(self, key: str, value: float, generator: float = 0.0, mark: str = "") -> None:
        self.samples[key] = Sample(value, mark + (BUSY_GENERATOR if generator > TOO_BUSY else ""))
