"""Steps that send messages at a rate: what each costs, how late it is, and the highest rate that is held."""

from tests.bench.load import Run
from tests.bench.meter import SERVICES
from tests.bench.rows import LATE, LIMIT_MS, OFFERED, PARTS, QUANTILES
from tests.bench.search import highest
from tests.bench.visit import SENDERS, Visit

ALONE = 100
"""Messages a second of one client alone."""
WARM = 10_000
"""Deliveries a second of the run that warms up rooms."""
SPEAKERS = 100
"""Of 1,000 clients, as many in each room; in small rooms, one in each. With 10, each spoke 300 times a
second; as a client's messages are taken one after the other, what was measured was how soon one is acked."""


def idle_room(visit: Visit) -> None:
    visit.clients.gather(1000, rooms=1)
    run = visit.clients.run("idle", rate=5, seconds=2 * visit.plan.seconds, senders=1)
    for name in ("p50", "p99"):
        visit.note(f"last.{name}", run.complete.at(QUANTILES[name]), run.generator)


def alone(visit: Visit) -> None:
    visit.clients.gather(1, rooms=1)
    visit.load.run(rate=ALONE, seconds=1, senders=1)  # warms up
    visit.clients.rest()
    before = visit.meter.read()
    run = visit.clients.run("one client alone", rate=ALONE, seconds=2 * visit.plan.seconds, senders=1)
    used = visit.meter.read().cpu_since(before)
    for service in SERVICES:
        visit.note_run(f"alone.{service}", used[service] / max(run.heard, 1) * 1e6, run)
    for name in ("p50", "p99"):
        visit.note_run(f"alone.{name}", run.latency.at(QUANTILES[name]), run)


def offered(visit: Visit) -> None:
    """Rates that all peers get alike, until one is too much."""
    visit.clients.gather(500, rooms=1)
    visit.load.run(rate=OFFERED[0] / 500, seconds=1, senders=SENDERS)  # warms up
    for rate in OFFERED:
        visit.clients.gather(500, rooms=1)
        before = visit.meter.read()
        run = visit.clients.run(f"{rate:,}/s", rate=rate / 500, seconds=visit.plan.seconds, senders=SENDERS)
        used = visit.meter.read().cpu_since(before)
        for service in SERVICES:
            visit.note_run(f"{service}.{rate}", used[service] / max(run.heard, 1) * 1e6, run)
        for name in ("p50", "p99"):
            visit.note_run(f"{name}.{rate}", run.latency.at(QUANTILES[name]), run)
        if not run.kept_up:
            break


def late(visit: Visit, size: int) -> None:
    """The latency in rooms of `size` at rates that all peers get alike, until one is too much."""
    for rate in LATE:
        run, _ = _crowd(visit, size, rate)
        for name in ("p50", "p99"):
            visit.note_run(f"{name}.{rate}.{size}", run.latency.at(QUANTILES[name]), run)
        if not run.kept_up:
            break


def held(visit: Visit, size: int) -> None:
    """The highest rate that is held in rooms of `size`, and what a message costs then."""
    best = 0.0
    busiest = 0.0
    costs: dict[str, float] = {}

    def holds(rate: float) -> bool:
        nonlocal best, busiest, costs
        run, used = _crowd(visit, size, rate)
        if not run.whole or run.latency.at(0.99) > LIMIT_MS:
            return False
        if run.per_second > best:
            best, busiest = run.per_second, run.generator
            costs = {service: seconds / run.heard * size * 1e6 for service, seconds in used.items()}
        return True

    _crowd(visit, size, WARM)  # a peer's first seconds are many times slower than the next ones
    earlier = visit.before.get(f"held.{size}")
    highest(holds, earlier.value if earlier and earlier.value else 20_000, visit.plan.halvings)
    visit.note(f"held.{size}", best, busiest)
    for service, micros in costs.items():
        visit.note(f"{service}.held.{size}", micros, busiest)


def parts(visit: Visit) -> None:
    """The latency at shares of the highest rate in rooms of 100."""
    if "held.100" not in visit.samples:
        held(visit, 100)
    for part in PARTS:
        run, _ = _crowd(visit, 100, visit.samples["held.100"].value * part / 100)
        for name, quantile in QUANTILES.items():
            visit.note(f"{name}.part{part}", run.latency.at(quantile), run.generator)


def _crowd(visit: Visit, size: int, rate: float) -> tuple[Run, dict[str, float]]:
    """1,000 clients in rooms of `size`, at `rate` deliveries a second. With it the seconds of CPU that each
    service took."""
    rooms = 1000 // size
    visit.clients.gather(1000, rooms)
    seconds, senders = visit.plan.seconds, max(SPEAKERS, rooms)
    before = visit.meter.read()
    run = visit.clients.run(f"rooms of {size}", rate=rate / size, seconds=seconds, senders=senders)
    return run, visit.meter.read().cpu_since(before)
