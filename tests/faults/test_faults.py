"""Parts of the stack die while many people chat: what was acked is kept, for all, once and in order. What was
read stays read, and who was put out of a private room hears nothing more of it."""

from tests.faults import plan, report
from tests.faults.crowd import Crowd
from tests.faults.harness import OFTEN, run
from tests.faults.ledger import Ledger
from tests.faults.stack import FaultStack


async def test_no_fault_loses_doubles_or_reorders_a_message(stack: FaultStack) -> None:
    """Every kind of fault once, alone (`make faults` does more, and mixes them)."""
    crowd = Crowd(stack.url, Ledger(), size=40, rate=60)
    result = await run(crowd, stack, plan.short())
    assert result.clean, report.as_text(result)
    assert result.verdict.marks > 1000
    assert result.in_private.acked > 100
    assert result.times_out > OFTEN
    assert min(result.changes.edits, result.changes.deletions, result.changes.reactions) > 50
    assert len(result.healings) == len(plan.short())
    assert result.transports.keys() == {"polling", "websocket"}
