"""The steps of a visit in their order, and the rows that each of them fills."""

from collections.abc import Callable
from functools import partial

from tests.bench.connecting import connections, jitter, resting, storm
from tests.bench.disturbing import bystander, polling, stalled_reader
from tests.bench.meter import SERVICES
from tests.bench.offering import alone, held, idle_room, late, offered, parts
from tests.bench.reacting import history, reactions
from tests.bench.rows import GROUPS, LATE, LATE_ROOMS, OFFERED, ROOMS
from tests.bench.visit import Visit

Step = tuple[Callable[[Visit], None], tuple[str, ...]]


def measure(visit: Visit) -> None:
    """Take the steps that fill a row which the plan wants. The gentle come first: what a peer does under too
    much load must not show in other rows."""
    several = visit.peer.workers > 1
    steps: list[Step] = [
        (connections, ("connects", "connect.cpu", "idle")),
        (idle_room, _keys("last")),
        (alone, _keys("alone")),
        (storm, _keys("storm")),
    ]
    if visit.peer.reacts:
        steps += [(reactions, _keys("message", "reaction")), (history, _keys("history"))]
    steps.append((offered, tuple(f"{name}.{rate}" for name in (*SERVICES, "p50", "p99") for rate in OFFERED)))
    if several and visit.peer.routed:
        steps += [(stalled_reader, _keys("stalled")), (bystander, _keys("bystander"))]
    for size in ROOMS:
        if size in LATE_ROOMS:
            keys = tuple(f"{name}.{rate}.{size}" for name in ("p50", "p99") for rate in LATE)
            steps.append((partial(late, size=size), keys))
        keys = (f"held.{size}", *(f"{service}.held.{size}" for service in SERVICES))
        steps.append((partial(held, size=size), keys))
    steps += [(parts, tuple(key for key in _keys("p50", "p99", "p99.9") if ".part" in key))]
    _take(visit, visit.peer.workers, steps)
    if several:
        _take(visit, visit.peer.workers, [(jitter, _keys("jitter", "replay"))], recovery=True)
        _take(visit, 1, [(resting, _keys("rest"))])
    if several and visit.peer.polls:
        # One worker: the session ids of the others name none, and a poll would not find its own again.
        _take(visit, 1, [(polling, _keys("poll"))])


def _take(visit: Visit, workers: int, steps: list[Step], *, recovery: bool = False) -> None:
    """Take the steps that are wanted, if any is, with so many workers. `recovery`: a peer that has to be set
    up in another way so that who comes back gets what it missed is set up so."""
    wanted = [step for step in steps if visit.wants(*step[1])]
    if wanted:
        _run(visit, workers, wanted, recovery)


def _run(visit: Visit, workers: int, steps: list[Step], recovery: bool) -> None:
    with visit.started(workers, recovery):
        for step, _ in steps:
            step(visit)


def _keys(*prefixes: str) -> tuple[str, ...]:
    """The keys of all rows that begin with one of these and a dot."""
    beginnings = tuple(f"{prefix}." for prefix in prefixes)
    return tuple(row.key for group in GROUPS for row in group.rows if row.key.startswith(beginnings))
