"""The attempt: one flood from one address against a stack of its own, beside fifty people who chat."""

import asyncio
import os
import resource
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from math import inf
from multiprocessing import get_context
from pathlib import Path
from time import monotonic

import uvloop

from tests.fuzz.chatters import Chatters
from tests.fuzz.connections import Door
from tests.fuzz.flooded import FloodedStack, Reading, Watch
from tests.fuzz.report import Report
from tests.fuzz.trial import Flood, Send, Sight, Trial
from tests.fuzz.witnesses import FLOODER
from tests.support.authority import Authority
from tests.support.waiting import eventually

CALM = 5.0
"""Seconds that people chat before it and after it."""
BACK = 60.0
"""Seconds after it until everything has to be as before."""
SLACK = 10
"""Sessions and connections that may be more than before: health checks, somebody who came back."""
UNREAD = 64 << 10
"""Bytes that people may just not have read yet."""


async def attempt(flood: Flood, report: Report) -> Trial:
    """Flood a stack made for it; what others saw meanwhile is in the report."""
    authority = Authority(Path("/tmp/flooded-authority")) if flood.tls else None
    if authority:
        os.environ["SSL_CERT_FILE"] = str(authority.certificate)  # for those who flood
    stack = FloodedStack(flood.settings, authority)
    try:
        await asyncio.to_thread(stack.up)
        trust = authority.trust if authority else None
        async with Chatters(stack.url, flood.settings.get("ACCESS_CODE"), trust) as people:
            return await _attempt(flood, stack, people, report)
    finally:
        await asyncio.to_thread(stack.down)


async def _attempt(flood: Flood, stack: FloodedStack, people: Chatters, report: Report) -> Trial:
    begun = monotonic()
    await asyncio.sleep(CALM)
    before = await asyncio.to_thread(Sight.of, stack)
    limits = Reading(stack.limit("web"), stack.limit("nginx"), stack.limit("redis"))
    with Watch(stack) as watch:
        flooding = monotonic()
        sent = await _flooded(flood, stack, report)
        over = monotonic()
        back = await asyncio.to_thread(_until_as_before, stack, before)
    with suppress(AssertionError):
        await asyncio.to_thread(stack.wait_until_healthy, BACK)
    after = await asyncio.to_thread(Sight.of, stack)
    await asyncio.sleep(CALM)
    breaks = people.breaks
    return Trial(
        flood,
        sent,
        await asyncio.to_thread(stack.deaths),
        breaks,
        await people.judge(),
        people.waits(begun, flooding),
        people.waits(flooding, over),
        limits,
        stack.accepted_connections(),
        before,
        watch.peak,
        after,
        back,
    )


async def _flooded(flood: Flood, stack: FloodedStack, report: Report) -> Counter[str]:
    """Flood from a process of its own, so that people are answered by the stack and not by our own loop."""
    over = asyncio.Event()
    witness = asyncio.create_task(flood.witness(stack, over, report)) if flood.witness else None
    door = stack.door.seen_from(FLOODER)
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        loop = asyncio.get_running_loop()
        sent = await loop.run_in_executor(pool, _send, flood.send, door, flood.seconds)
    over.set()
    if witness:
        await witness
    return sent


def _send(send: Send, door: Door, seconds: float) -> Counter[str]:
    # Those who flood are elsewhere in truth, and take no time of the machine that is flooded.
    os.nice(10)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return uvloop.run(send(door, seconds))


def _until_as_before(stack: FloodedStack, before: Sight) -> float:
    """Return how long it took until only the people are left."""

    def as_before() -> bool:
        return (
            stack.open_sessions() <= before.sessions + SLACK
            and stack.open_connections() <= before.connections + SLACK
            and stack.unread() < UNREAD
        )

    begun = monotonic()
    try:
        eventually(as_before, within=BACK, what="nothing of the flood is left")
    except AssertionError:
        return inf
    return monotonic() - begun
