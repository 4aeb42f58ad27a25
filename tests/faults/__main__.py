"""`make faults`: the long run, of our stack and of stock python-socketio (or of one, if its name is given).

SEED repeats the same faults; CLIENTS, ACKED and MIXED change the size; OUT is where the JSON goes.
"""

import asyncio
import os
import secrets
import sys
from pathlib import Path

from tests.faults import plan, report, stock
from tests.faults.crowd import Crowd
from tests.faults.harness import Result, run
from tests.faults.ledger import Ledger
from tests.faults.stack import FaultStack

RATE = 80.0
"""Posts a second, of all clients together."""


async def ours(seed: int) -> Result:
    stack = FaultStack()
    crowd = Crowd(stack.url, Ledger(), setting("CLIENTS", 60), RATE)
    faults = plan.long(seed, setting("MIXED", 12))
    return await on(stack, crowd, faults, acked=setting("ACKED", 20_000))


async def theirs(seed: int) -> Result:
    """The same faults but the wipe: there is no log to lose."""
    stack = stock.StockStack()
    crowd = Crowd(
        stack.url, Ledger(), setting("CLIENTS", 60), RATE, ways=stock.WAYS, client=stock.StockClient
    )
    faults = plan.without_wipe(plan.long(seed, setting("MIXED", 12)))
    return await on(stack, crowd, faults, has_log=False)


async def on(
    stack: FaultStack, crowd: Crowd, faults: plan.Plan, acked: int = 0, has_log: bool = True
) -> Result:
    try:
        await asyncio.to_thread(stack.up)
        return await run(crowd, stack, faults, acked, has_log, tell=lambda line: say(f"  · {line}"))
    finally:
        await asyncio.to_thread(stack.down)


def main() -> int:
    runs = {"tertulia": ours, "stock": theirs}
    chosen = sys.argv[1:] or list(runs)
    seed = setting("SEED", secrets.randbelow(1_000_000))
    say(f"SEED={seed}")
    results: dict[str, Result] = {}
    for name in chosen:
        results[name] = asyncio.run(runs[name](seed))
        say(f"\n  {name}\n{report.as_text(results[name])}")
    say(report.side_by_side(results))
    out = Path(os.environ.get("OUT") or "build/faults.json")
    report.write(out, {"seed": seed, **{name: report.as_json(result) for name, result in results.items()}})
    say(f"written to {out}")
    return 0 if "tertulia" not in results or results["tertulia"].clean else 1


def setting(name: str, default: int) -> int:
    return int(os.environ.get(name) or default)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
