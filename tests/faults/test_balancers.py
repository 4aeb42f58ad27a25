"""Programs whose HTTP stack repeats polls, behind balancers that break connections: whoever is told that they
are connected hears everything, once and in order."""

import asyncio
import secrets
from contextlib import AsyncExitStack
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.faults.guests import Guest, guests
from tests.faults.retrying import Retrying
from tests.faults.seat import PASSING
from tests.faults.stack import FaultStack
from tests.support.balancer import Balancer
from tests.support.waiting import soon

MESSAGES = 20
PROGRAMS = 4


@pytest.mark.parametrize("breaks", [{"idle": 0.5}, {"swallowed": 3}], ids=["idle", "answers"])
async def test_repeated_polls_lose_nothing_while_connected(
    whole_stack: FaultStack, breaks: dict[str, Any]
) -> None:
    """A message comes when connections have just broken. A session may end, if its client is told so: that is
    what happens when the break cuts an answer in two. Another program takes its place."""
    room, at = f"r-{secrets.token_hex(4)}", urlsplit(whole_stack.url)
    assert at.hostname
    assert at.port
    said = [f"{number}" for number in range(MESSAGES)]
    async with AsyncExitStack() as cleanup:
        balancer = await cleanup.enter_async_context(Balancer(at.hostname, at.port, **breaks))
        (ana,) = await cleanup.enter_async_context(guests(whole_stack.url, room, ["ana"]))
        everybody: list[Retrying] = []
        for number, text in enumerate(said):
            while len(connected(everybody)) < PROGRAMS:
                program = Retrying(number)
                cleanup.push_async_callback(asyncio.to_thread, program.close)
                if await asyncio.to_thread(program.join, balancer.url, room):
                    everybody.append(program)
            await say(ana, room, text)
            await soon(partial(all_heard, everybody, number + 1), what=f"everybody hears {number}")
            if "idle" in breaks:
                await soon(partial(balancer.has_reset, balancer.resets), what="a connection breaks")
        for program in everybody:
            last = MESSAGES if not program.ended else program.first + len(program.heard)
            assert program.heard == said[program.first : last]
        assert balancer.resets >= MESSAGES // 3
        assert connected(everybody)


async def say(author: Guest, room: str, text: str) -> None:
    """Say it until it is kept: a stack that has just started may need a moment."""
    async with asyncio.timeout(30):
        while not (answer := await author.say(room, f"id-{text}", text))["ok"]:
            assert answer["error"] in PASSING, answer
            await asyncio.sleep(answer.get("retry_after", 0.2))


def connected(programs: list[Retrying]) -> list[Retrying]:
    return [program for program in programs if not program.ended]


def all_heard(programs: list[Retrying], messages: int) -> bool:
    """All who are connected heard so many."""
    return all(program.first + len(program.heard) >= messages for program in connected(programs))
