"""Steps about what one client or one transport does to the others."""

import time

from tests.bench.rows import OFFERED, POLLED
from tests.bench.visit import FELL_BEHIND, SENDERS, Visit


def stalled_reader(visit: Visit) -> None:
    """One client stops reading. Texts and times are long enough to fill what the kernel holds, some hundred
    KiB, and then some."""
    seconds, rate, size = 20, 100_000 / 500, 600
    visit.clients.gather(501, rooms=1)
    calm = visit.clients.run("nobody stalls", rate=rate, seconds=seconds, senders=SENDERS, size=size)
    before = visit.meter.read()
    visit.load.stall(500, 1)
    run = visit.clients.run("one stalls", rate=rate, seconds=seconds, senders=SENDERS, size=size)
    after = visit.meter.read()
    visit.load.resume(500, 1)
    visit.load.connect(501)
    back = visit.load.join(1)
    mark = "" if run.kept_up and calm.kept_up else FELL_BEHIND
    held = (after.memory["web"] - before.memory["web"]) / 2**20
    visit.note("stalled.p99", run.latency.at(0.99) / calm.latency.at(0.99), run.generator, mark)
    visit.note("stalled.memory", held, run.generator, mark)
    visit.note("stalled.missing", back["missing"], run.generator, mark)


def bystander(visit: Visit) -> None:
    """Only those on the first client's worker join; the other's CPU is what a stranger's room costs."""
    visit.load.drop()
    visit.load.connect(1000)
    first = visit.load.join(1)["route"]
    seconds = 2 * visit.plan.seconds
    visit.clients.gather(1000, rooms=1, route=first)
    before = visit.meter.read()
    time.sleep(seconds)
    visit.note("bystander.0", visit.meter.read().idlest_since(before) / seconds * 100)
    for rate in OFFERED:
        visit.clients.gather(1000, rooms=1, route=first)
        before = visit.meter.read()
        run = visit.clients.run("on one worker", rate=rate / 500, seconds=seconds, senders=SENDERS)
        used = visit.meter.read().idlest_since(before)
        visit.note_run(f"bystander.{rate}", used / (run.seconds + run.drain) * 100, run)
        if not run.kept_up:
            break


def polling(visit: Visit) -> None:
    """Clients that poll."""
    visit.load.connect(100, transport="polling")
    visit.load.join(1)
    before = visit.meter.read()
    run = visit.clients.run("polling", rate=POLLED / 100, seconds=visit.plan.seconds, senders=SENDERS)
    used = visit.meter.read().cpu_since(before)
    visit.note_run("poll.web", used["web"] / max(run.heard, 1) * 1e6, run)
    visit.note_run("poll.p99", run.latency.at(0.99), run)
