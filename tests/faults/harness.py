"""The harness: a crowd chats, faults happen, healing is timed, and the ledger is judged at the end."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial

from tests.faults.changers import changers
from tests.faults.changes import ChangesVerdict
from tests.faults.company import company
from tests.faults.crowd import Crowd
from tests.faults.faults import Fault, LogWiped
from tests.faults.marks import readers
from tests.faults.reader import read_logs
from tests.faults.stack import FaultStack
from tests.faults.verdict import Verdict, judge
from tests.support.waiting import soon

HEALED = 60.0
"""Seconds after which a fault counts as not healed."""
LONG = 3600.0
"""Seconds that the crowd has for the messages it is asked for."""
OFTEN = 10
"""More often than this somebody is put out of the private room. They come and go at random, so at times it
takes longer than the faults do."""
SETTLED = 60.0
"""Seconds that everybody has at the end to get every answer, and then to show all there is."""


class NotHealed(Exception):
    """A fault's effects went on for `HEALED` seconds; the text says what was still wrong."""


@dataclass(frozen=True)
class Healing:
    """How one fault, or several at once, healed: seconds from undo and from inject until `Crowd.hears_itself`
    was true of what was posted after the undo. What comes back by itself is undone as soon as injected."""

    fault: str
    from_undo: float
    from_inject: float


@dataclass
class Result:
    clients: int
    seconds: float = 0.0
    healings: list[Healing] = field(default_factory=list)
    unhealed: list[str] = field(default_factory=list)
    transports: dict[str, int] = field(default_factory=dict)
    verdict: Verdict = field(default_factory=Verdict)
    in_private: Verdict = field(default_factory=Verdict)
    """Of the private room beside the crowd's rooms."""
    times_out: int = 0
    """How often somebody was put out of it."""
    changes: ChangesVerdict = field(default_factory=ChangesVerdict)
    """Of the room in which people edit, delete and react."""

    @property
    def clean(self) -> bool:
        verdicts = self.verdict, self.in_private, self.changes
        return all(each.clean for each in verdicts) and not self.unhealed


async def run(
    crowd: Crowd,
    stack: FaultStack,
    plan: Iterable[Sequence[Fault]],
    acked: int = 0,
    has_log: bool = True,
    tell: Callable[[str], None] = lambda line: None,
) -> Result:
    """Let the crowd chat while each of the plan's groups of faults happens, then on until at least `acked`
    messages are in logs that still exist, and somebody was put out often; then judge. `has_log`: false of a
    server that keeps none. `tell` is given a line as each group is over."""
    result = Result(len(crowd.clients))
    started = time.monotonic()
    reading = readers(stack.url, crowd.rooms, crowd.ledger) if has_log else nullcontext()
    wipes = 0
    async with (
        crowd,
        reading,
        company(stack.url) if has_log else nullcontext() as private,
        changers(stack.url) if has_log else nullcontext() as changing,
    ):
        enough = 5 * len(crowd.clients)
        await soon(lambda: len(crowd.ledger.acks) > enough, within=SETTLED, what="the crowd is chatting")
        for faults in plan:
            wipes += any(isinstance(fault, LogWiped) for fault in faults)
            try:
                healing = await endure(crowd, stack, faults)
                result.healings.append(healing)
                tell(f"{healing.fault}: healed after {healing.from_undo:.1f} s")
            except NotHealed as problem:
                result.unhealed.append(str(problem))
                tell(f"NOT HEALED  {problem}")
            await asyncio.to_thread(stack.wait_until_whole)
        await soon(lambda: crowd.kept() >= acked, within=LONG, what=f"{acked} messages are acked")
        if private:
            often = partial(lambda there: there.times_out > OFTEN, private)
            await soon(often, within=SETTLED, what="somebody was put out often enough")
        await crowd.quieten()
        result.seconds = time.monotonic() - started
        result.transports = crowd.transports()
        await settle(crowd, stack.url if has_log else None)
        result.verdict = await asyncio.to_thread(judge, crowd.ledger)
        if private:
            result.in_private = await private.finish(wipes)
            result.times_out = private.times_out
        if changing:
            result.changes = await changing.finish()
    return result


async def endure(crowd: Crowd, stack: FaultStack, faults: Sequence[Fault]) -> Healing:
    """Inject all of `faults`, undo them in the same order, and return how that healed. Raises NotHealed."""
    name = " and ".join(fault.name for fault in faults)
    injected = time.monotonic()
    for fault in faults:
        await asyncio.to_thread(fault.inject, stack)
    await asyncio.sleep(max(fault.lasts for fault in faults))
    for fault in faults:
        await asyncio.to_thread(fault.undo, stack)
    undone = time.monotonic()
    crowd.all_speak()
    try:
        await soon(lambda: crowd.hears_itself(undone), within=HEALED, what="the crowd hears itself")
    except AssertionError:
        raise NotHealed(f"{name}: after {HEALED:g} s {crowd.complaints(undone)}") from None
    healed = time.monotonic()
    return Healing(name, healed - undone, healed - injected)


async def settle(crowd: Crowd, url: str | None) -> None:
    """Let everybody come to rest without any help, and read the logs as a newcomer does. What is still
    missing when time is up is for the verdict to tell."""
    with suppress(AssertionError):
        await soon(crowd.is_settled, within=SETTLED, what="everybody has every answer")
    if not url:
        await soon(crowd.is_quiet, within=SETTLED, what="nothing is on its way any more")
    else:
        crowd.ledger.logs = await read_logs(crowd.http, url, crowd.rooms)
        with suppress(AssertionError):
            await soon(crowd.shows_its_logs, within=SETTLED, what="everybody shows all there is")
