"""nginx' memory: connections over TLS that do nothing, of each kind that it holds on to."""

import asyncio
from collections import Counter
from contextlib import suppress
from typing import Any

from tests.fuzz.connections import PATH, UPGRADE, Connection, Door

CONNECTIONS = 5000
AT_ONCE = 50
"""That are opened at a time."""
HEADER = f"X-Long: {'x' * 6000}\r\n"
"""Four of them are what nginx takes of a head; each fills a buffer of its own."""
HELD = "held to the end"
"""How many are open when it ends."""


async def waits(door: Door, seconds: float) -> Counter[str]:
    """Hold so many, and open those again that are closed on us: after a request, as WebSockets, and amid the
    head of a request."""
    asyncio.get_running_loop().set_exception_handler(_broken)
    sent, opening = Counter[str](), asyncio.Semaphore(AT_ONCE)
    head = f"Host: chat\r\n{door.headers}"
    kinds = {
        "after a request": f"GET /health/live HTTP/1.1\r\n{head}\r\n",
        "WebSockets": f"GET {PATH}websocket HTTP/1.1\r\n{head}{UPGRADE}",
        "amid a head": f"GET / HTTP/1.1\r\n{head}{4 * HEADER}",
    }
    open_now = Counter[str]()

    async def hold(kind: str) -> None:
        while True:
            with suppress(OSError, TimeoutError):
                async with opening:
                    connection = Connection(door)
                    await connection.__aenter__()
                try:
                    open_now[kind] += 1
                    sent[f"opened, {kind}"] += 1
                    connection.writer.write(kinds[kind].encode())
                    while await connection.reader.read(65_536):
                        pass
                finally:
                    open_now[kind] -= 1
                    connection.writer.transport.abort()
            await asyncio.sleep(1)

    async def count() -> None:
        await asyncio.sleep(seconds - 1)
        for kind, times in open_now.items():
            sent[f"{HELD}, {kind}"] = times
        sent[HELD] = open_now.total()

    with suppress(TimeoutError):
        async with asyncio.timeout(seconds), asyncio.TaskGroup() as holders:
            holders.create_task(count())
            for number in range(CONNECTIONS):
                holders.create_task(hold(list(kinds)[number % len(kinds)]))
    return sent


def _broken(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """uvloop reports each connection that nginx closes while TLS writes; here they are counted instead."""
    if context["message"] != "Fatal error on SSL protocol":
        loop.default_exception_handler(context)
