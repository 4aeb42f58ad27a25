"""The runs: what is sent, beside whom, and which promises are held to it."""

import asyncio
import time
from collections import Counter
from time import monotonic

from tests.fuzz.attack import Outcome, attack
from tests.fuzz.floods import handshakes, never_connect, slow_loris
from tests.fuzz.packets import EVENTS
from tests.fuzz.people import Newcomers, Talker, beside, percentile
from tests.fuzz.report import Report
from tests.fuzz.stack import FuzzStack, Sight

P99 = 0.25
"""Seconds within which others are answered meanwhile, 99 times of 100."""
CONNECT = 1.0
KNOWN = {"connect", "disconnect", "sessions", "pending", *EVENTS}
"""What may be counted; "forged" and handlers of other names may not."""
REAPED = 50.0
"""Seconds; the last have 45 s to connect, since by then there are not many (see pending_sessions.py)."""
GROWTH = 8 << 20
"""Bytes that the workers' memory may differ by, all together: what an allocator keeps for the next time."""


async def fuzz(stack: FuzzStack, seed: int, count: int, report: Report) -> None:
    """So many packets over both transports, while others talk."""
    door = stack.door
    talkers = [Talker(door, f"talker {number}") for number in range(4)]
    # Memory is compared with that of workers which have seen it all once.
    warm, outcome = Outcome(), Outcome()
    await attack(door, seed + 1, count // 5, warm)
    await asyncio.to_thread(stack.wait_until_empty, 60)
    quiet: list[float] = []

    async def calm() -> None:
        await asyncio.sleep(5)
        quiet.extend(wait for talker in talkers for wait in talker.waits)
        for talker in talkers:
            talker.waits.clear()

    before = await asyncio.to_thread(stack.see)
    began, own = monotonic(), time.process_time()

    async def all_of_it() -> None:
        await calm()
        await attack(door, seed, count, outcome)

    await beside(all_of_it(), *[talker.talk() for talker in talkers])
    took, own = monotonic() - began - 5, time.process_time() - own
    await asyncio.to_thread(stack.wait_until_empty, 60)
    after = await asyncio.to_thread(stack.see)

    waits = [wait for talker in talkers for wait in talker.waits]
    said = {text for talker in talkers for text in talker.heard}
    forged = {
        text for text in said if not text.startswith("talker ") and text not in outcome.texts | warm.texts
    }
    ran = after.handled - before.handled
    too_many = {
        event: f"{ran[event]} > {outcome.may_run[event]}"
        for event in ("join", "leave", "history", "typing", "rooms")
        if ran[event] > outcome.may_run[event]
    }
    report.title(
        f"{outcome.sent:,} fuzzed packets in {took:.0f} s, {outcome.bad:,} of them bad  (SEED={seed})"
    )
    for answer, times in outcome.answers.most_common():
        report.fact(answer, f"{times:,}")
    report.promise("answers that must not be, or none", len(outcome.wrong), not outcome.wrong)
    for wrong in outcome.wrong[:20]:
        report.fact("", wrong)
    _whole(report, before, after)
    forged_calls = {name for name in after.handled if name not in KNOWN}
    report.promise("forged handler calls", forged_calls or 0, not forged_calls)
    report.promise("handlers that ran, per event, than may have", too_many or "no more", not too_many)
    report.promise("messages heard that nobody sent well formed", len(forged), not forged and len(said) > 10)
    report.fact(
        "handlers that ran", ", ".join(f"{name} {ran[name]:,}" for name in sorted(ran) if name.islower())
    )
    grown = after.usage.memory["web"] - before.usage.memory["web"]
    size = before.usage.memory["web"] >> 20
    report.promise("memory of the workers", f"{size} MiB {grown / 2**20:+.1f}", grown < GROWTH)
    p99 = percentile(waits, 0.99)
    report.promise(
        "others' p99, before and meanwhile",
        f"{percentile(quiet, 0.99) * 1e3:.0f} ms, {p99 * 1e3:.0f} ms ({len(waits)} answers)",
        p99 < P99,
    )
    report.promise(
        "others' connections that broke", sum(t.breaks for t in talkers), not any(t.breaks for t in talkers)
    )
    for service, size in after.log_bytes.items():
        written = size - before.log_bytes[service]
        report.fact(f"bytes that {service} logged per bad packet", f"{written / max(outcome.bad, 1):.1f}")
    _cpu(report, before, after, own, took)


async def floods(stack: FuzzStack, idle: int, rate: float, seconds: float, report: Report) -> None:
    """Sessions that join nothing, and handshakes, while newcomers connect."""
    door = stack.door
    newcomers, answers = Newcomers(door), Counter[str]()
    before, own, began = await asyncio.to_thread(stack.see), time.process_time(), monotonic()
    reached = [0.0]

    async def flood() -> None:
        # Half of the idle sessions by polling, half on WebSockets, which stay open.
        held = asyncio.create_task(never_connect(door, idle // 2, answers, seconds))
        await handshakes(door, idle / 4, 2, answers)
        while sum(answers[f"websocket {status}"] for status in (101, 503)) < idle // 2:
            await asyncio.sleep(0.05)
        answers["never connected"] = answers["200"] + answers["websocket 101"]
        reached[0] = await handshakes(door, rate, seconds, storm)
        await held

    storm = Counter[str]()
    await beside(flood(), newcomers.come())
    took, own, ended = monotonic() - began, time.process_time() - own, monotonic()
    await asyncio.to_thread(stack.wait_until_empty, 60, "pending")
    reaped = monotonic() - ended
    after = await asyncio.to_thread(stack.see)

    report.title(
        f"{answers['never connected']:,} sessions that join nothing,"
        f" then {rate:,.0f} handshakes/s for {seconds:.0f} s"
    )
    report.fact("handshakes answered per second", f"{reached[0]:,.0f} of {rate:,.0f} offered")
    report.fact("answers", ", ".join(f"{status}: {times:,}" for status, times in storm.most_common()))
    waits = newcomers.waits
    report.promise(
        "newcomers' time to connect, p50, p99, longest",
        ", ".join(f"{percentile(waits, share) * 1e3:.0f}" for share in (0.5, 0.99, 1))
        + f" ms ({len(waits)})",
        percentile(waits, 1) < CONNECT,
    )
    report.promise("newcomers that were turned away", len(newcomers.failed), not newcomers.failed)
    for failed in newcomers.failed[:5]:
        report.fact("", failed)
    report.promise("all reaped after", f"{reaped:.1f} s", reaped < REAPED)
    _whole(report, before, after)
    _cpu(report, before, after, own, took)


async def loris(stack: FuzzStack, connections: int, seconds: float, report: Report) -> None:
    """Requests that come a byte a second, while newcomers connect."""
    newcomers, closed = Newcomers(stack.door), [0]

    async def slow() -> None:
        closed[0] = await slow_loris(stack.door, connections, seconds)

    await beside(slow(), newcomers.come())
    report.title(f"{connections} requests that come a byte a second")
    report.promise("closed by nginx", closed[0], closed[0] == connections)
    p99 = percentile(newcomers.waits, 0.99)
    report.promise(
        "newcomers' time to connect, p99", f"{p99 * 1e3:.0f} ms", p99 < CONNECT and not newcomers.failed
    )


def _whole(report: Report, before: Sight, after: Sight) -> None:
    report.promise("containers that crashed", "none", before.starts == after.starts)
    report.promise("tracebacks", len(after.tracebacks), not after.tracebacks)
    for traceback in after.tracebacks[:3]:
        report.fact("", traceback[-600:])


def _cpu(report: Report, before: Sight, after: Sight, own: float, took: float) -> None:
    used = after.usage.cpu_since(before.usage) | {"load": own}
    report.fact("cores used", ", ".join(f"{name} {seconds / took:.2f}" for name, seconds in used.items()))
