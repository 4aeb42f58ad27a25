"""Steps about connections: coming, being idle, and coming back, all at once or one after the other."""

import time

from tests.bench.rows import JITTERING, QUANTILES, RESTING
from tests.bench.visit import Visit

PING = 25
"""Seconds between two pings of a connection, with every peer. So long is it watched at rest."""


def connections(visit: Visit) -> None:
    """CPU and memory of connections that do nothing, after a few have warmed the peer up."""
    _warm_up(visit)
    before = visit.meter.read()
    answer = visit.load.connect(visit.plan.idle)
    visit.clients.rest()
    after = visit.meter.read()
    visit.note("connects", answer["opened"] / answer["seconds"], answer["cpu"] / answer["seconds"])
    visit.note("connect.cpu", after.cpu_since(before)["web"] / answer["opened"] * 1e6)
    visit.note("idle", (after.memory["web"] - before.memory["web"]) / 1024 / visit.plan.idle)


def resting(visit: Visit) -> None:
    """Memory and CPU of many connections that only answer pings."""
    _warm_up(visit)
    before = visit.meter.read()
    visit.load.connect(RESTING)
    visit.clients.rest()
    since, begun = visit.meter.read(), time.monotonic()
    time.sleep(PING)
    after, seconds = visit.meter.read(), time.monotonic() - begun
    each = {name: (after.memory[name] - before.memory[name]) / 1024 / RESTING for name in ("web", "nginx")}
    for name in ("web", "nginx"):
        visit.note(f"rest.{name}", each[name])
        visit.note(f"rest.{name}.cpu", after.cpu_since(since)[name] / seconds * 100)
    visit.note("rest.both", sum(each.values()))


def storm(visit: Visit) -> None:
    """All but the sender are gone at once; when it has sent, all come back at once."""
    visit.clients.gather(1000, rooms=1)
    visit.clients.scatter()
    visit.load.drop(1)
    visit.load.run(rate=50, seconds=0.2, senders=1)
    came = visit.load.connect(1000, at_once=1000)
    back = visit.load.join(1)
    # The generator waits for two seconds for what will never come; they aren't the peer's.
    waited = back["seconds"] - (2 if back["missing"] else 0)
    visit.note("storm.seconds", came["seconds"] + waited)
    visit.note("storm.missing", back["missing"] / 999)


def jitter(visit: Visit) -> None:
    """AnyCable's test: connections break again and again; what comes of a minute's messages is counted."""
    visit.clients.gather(JITTERING, rooms=1)
    found = visit.load.jitter(rate=2, seconds=60, every=15, away=2)
    visit.generator.append(("jitter", found.generator))
    if found.lost or found.refused:
        visit.broken.append(f"jitter: {found.lost} cut, {found.refused} refused")
    visit.note("jitter.delivered", found.delivered, found.generator)
    visit.note("jitter.doubled", found.repeated, found.generator)
    for name in ("p50", "p99"):
        visit.note(f"jitter.{name}", found.latency.at(QUANTILES[name]), found.generator)
        if visit.peer.replays:
            visit.note(f"replay.{name}", found.replay.at(QUANTILES[name]), found.generator)


def _warm_up(visit: Visit) -> None:
    visit.load.connect(50)
    visit.load.drop()
    visit.clients.rest()
