"""The moderator: what has to work when Redis is full, tried while one address goes on writing."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import aiohttp

from tests.faults.wire import Connection
from tests.fuzz.address.writing import ROOMS
from tests.fuzz.chatters import person_at, sign_in
from tests.fuzz.flooded import FloodedStack
from tests.fuzz.report import Report
from tests.fuzz.witnesses import FLOODER, PASSES, asks, connected, moderate

FILLED = 30.0
"""Seconds within which it has to be full."""
LEFT = 1 << 20
"""Bytes that are left to fill."""


async def keeps_order(stack: FloodedStack, over: asyncio.Event, report: Report) -> None:
    """Wait until messages are refused; then delete, lock, ban, sign somebody out, make room, write again."""
    async with person_at("192.0.2.9", None) as mo, person_at("192.0.2.10", None) as ben:
        await sign_in(mo, stack.url, "Mo")
        await moderate(mo, stack.url)
        await sign_in(ben, stack.url, "Ben")
        async with connected(mo, stack.url) as moderator, connected(ben, stack.url) as bystander:
            for room in ROOMS:
                await asks(moderator, "join", {"room": room})
            await asyncio.to_thread(_fill, stack)
            refused = await _when_full(bystander)
            report.promise("full: a message is refused as that", refused, refused == "full")
            for what, step in (
                ("a message is deleted", _delete(moderator)),
                ("a room is locked", asks(moderator, "lock", {"room": ROOMS[0], "locked": True})),
                ("an address is banned", asks(moderator, "ban", {"address": FLOODER})),
                ("somebody signs out", _sign_out(ben, stack.url)),
                ("it is healthy", _is_healthy(ben, stack.url)),
                ("rooms are purged", _purge(moderator)),
                ("and then there is room", asks(moderator, "message", "room again")),
            ):
                seen = await _seen(step)
                report.promise(f"full: {what}", seen, seen == "yes")


async def _seen(step: Coroutine[Any, Any, Any]) -> str:
    try:
        await step
    except PASSES as error:
        return str(error) or type(error).__name__
    return "yes"


async def _when_full(bystander: Connection) -> str:
    """Say something again and again; return as what it was refused."""
    begun = time.monotonic()
    while time.monotonic() - begun < FILLED:
        answer = await bystander.ask("message", "is there room?", within=5)
        if not answer["ok"]:
            return str(answer["error"])
        await asyncio.sleep(0.5)
    return "never"


def _fill(stack: FloodedStack) -> None:
    """Leave little of Redis' memory, as if others had written for long."""
    memory = stack.redis("INFO", "memory")
    used, most = (int(memory.split(f"\n{name}:")[1].split()[0]) for name in ("used_memory", "maxmemory"))
    stack.redis("SETRANGE", "what others wrote", str(most - used - LEFT), ".")


async def _delete(moderator: Connection) -> None:
    for room in ROOMS:
        messages = (await asks(moderator, "history", {"room": room}))["messages"]
        if messages:
            await asks(
                moderator, "delete", {"room": room, "seq": messages[-1]["seq"], "id": messages[-1]["id"]}
            )
            return
    raise AssertionError("nothing to delete")


async def _purge(moderator: Connection) -> None:
    for room in ROOMS:
        await asks(moderator, "purge", {"room": room})


async def _sign_out(http: aiohttp.ClientSession, url: str) -> None:
    async with http.post(f"{url}/sign-out", allow_redirects=False) as answer:
        assert answer.status == 303, f"answered {answer.status}"


async def _is_healthy(http: aiohttp.ClientSession, url: str) -> None:
    async with http.get(f"{url}/health") as answer:
        assert answer.status == 200, f"answered {answer.status}"
