"""What clients cause on a whole stack, by the CPU time of its containers."""

import time
from collections.abc import Callable

from tests.bench.meter import SERVICES, Meter
from tests.bench.peers import OURS, Site
from tests.bench.plan import FULL
from tests.bench.scaling.table import Table
from tests.bench.visit import Visit

WORKERS = (1, 2, 4, 8)
MEMBERS = (10, 100, 1000)
SECONDS = 15
"""For how long each thing is measured."""


def tables(site: Site) -> tuple[Table, ...]:
    """The tables that are measured on a site, whose images are built."""
    return (
        Table(
            "workers",
            "The same load on more workers: 1,000 clients in rooms of 10, 200 messages a second.",
            ("workers", *(f"{name}, % of a core" for name in SERVICES), "all at rest", "workers, MiB"),
            WORKERS,
            lambda count: _with_workers(Visit(site, OURS, FULL), count),
        ),
        Table(
            "members",
            "One message a second to a room, on two workers.",
            ("members", *(f"{name}, ms a message" for name in SERVICES), "all, µs a delivery"),
            MEMBERS,
            lambda count: _with_members(Visit(site, OURS, FULL), count),
        ),
    )


def _with_workers(visit: Visit, count: int) -> list[float]:
    with visit.started(count):
        visit.clients.gather(1000, rooms=100)
        visit.load.run(rate=200, seconds=3, senders=100)  # warms up
        visit.clients.rest()
        resting = _used(visit.meter, lambda: time.sleep(SECONDS))
        busy = _used(visit.meter, lambda: visit.load.run(rate=200, seconds=SECONDS, senders=100))
        memory = visit.meter.read().memory["web"] / 2**20
    return [*(busy[name] * 100 for name in SERVICES), sum(resting.values()) * 100, memory]


def _with_members(visit: Visit, count: int) -> list[float]:
    with visit.started(2):
        visit.clients.gather(count, rooms=1)
        visit.load.run(rate=1, seconds=3, senders=1)  # warms up
        resting = _used(visit.meter, lambda: time.sleep(SECONDS))
        busy = _used(visit.meter, lambda: visit.load.run(rate=1, seconds=SECONDS, senders=1))
    each = [(busy[name] - resting[name]) * 1e3 for name in SERVICES]
    return [*each, sum(each) * 1e3 / count]


def _used(meter: Meter, work: Callable[[], object]) -> dict[str, float]:
    """Return the seconds of CPU that each service took in each second of some work."""
    before, begun = meter.read(), time.monotonic()
    work()
    used, seconds = meter.read().cpu_since(before), time.monotonic() - begun
    return {name: used[name] / seconds for name in SERVICES}
