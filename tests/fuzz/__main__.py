"""`make fuzz`: everything that is sent to the stack by those who mean it no good, and what came of it.

SEED repeats a run; SESSION (printed with what failed) sends one session's packets again. PACKETS, IDLE, RATE
and SECONDS change the size. FLOOD sends only the floods from one address whose line begins so: 3, or 1a.
Exits with 1 when a promise was not held.
"""

import asyncio
import os
import secrets
import sys

import uvloop

from tests.fuzz.attack import Outcome, session
from tests.fuzz.lines import one_address
from tests.fuzz.report import Report
from tests.fuzz.runs import floods, fuzz, loris
from tests.fuzz.stack import FuzzStack


def setting(name: str, default: int) -> int:
    return int(os.environ.get(name) or default)


async def run(stack: FuzzStack, seed: int, report: Report) -> None:
    if again := setting("SESSION", 0):
        outcome = Outcome()
        await session(stack.door, again, outcome)
        report.title(f"SESSION={again}: {dict(outcome.answers)}")
        report.promise("answers that must not be", outcome.wrong or "none", not outcome.wrong)
        return
    await fuzz(stack, seed, setting("PACKETS", 100_000), report)
    await floods(stack, setting("IDLE", 5000), setting("RATE", 2000), setting("SECONDS", 20), report)
    await loris(stack, 200, 20, report)


def main() -> int:
    seed = setting("SEED", secrets.randbelow(1_000_000))
    print(f"SEED={seed}", flush=True)
    report, chosen = Report(), os.environ.get("FLOOD", "")
    try:
        if not chosen:
            on_a_stack_of_its_own(seed, report)
        if not setting("SESSION", 0):
            asyncio.run(one_address(chosen, report))
    finally:
        print(report)
    return 0 if report.held else 1


def on_a_stack_of_its_own(seed: int, report: Report) -> None:
    stack = FuzzStack()
    try:
        stack.up()
        uvloop.run(run(stack, seed, report))
    finally:
        stack.down()


if __name__ == "__main__":
    sys.exit(main())
