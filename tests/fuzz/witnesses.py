"""The witnesses: what else has to work while one address floods, tried from other addresses."""

import asyncio
import itertools
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp

from tests.faults.transports import FAILURES, ConnectionFailed
from tests.faults.wire import Connection, Lost
from tests.fuzz.chatters import person_at, sign_in
from tests.fuzz.flooded import ADMIN_CODE, FloodedStack
from tests.fuzz.report import Report

CODE = "a code that people were told"
FLOODER = "198.51.100.7"
ANSWER = 5.0
PASSES = (*FAILURES, ConnectionFailed, Lost, AssertionError)
"""What a stack that is down or shut makes of a try."""

Witness = Callable[[FloodedStack, asyncio.Event, Report], Coroutine[Any, Any, None]]
"""Is given the stack, when the flood is over, and where to say what was seen."""

Way = Callable[[str, aiohttp.ClientSession], Coroutine[Any, Any, None]]


async def newcomers_with_the_code(stack: FloodedStack, over: asyncio.Event, report: Report) -> None:
    """Somebody signs in, and somebody connects."""
    await _try(stack, over, report, "newcomers with the right code let in", (_signs_in, _connects))


async def moderators(stack: FloodedStack, over: asyncio.Event, report: Report) -> None:
    await _try(stack, over, report, "moderators with the right code let in", (_becomes_a_moderator,))


async def _try(
    stack: FloodedStack, over: asyncio.Event, report: Report, what: str, ways: Sequence[Way]
) -> None:
    """Each second from another address, and once more when it is over."""
    tries, failed = 0, list[str]()
    for number in itertools.count(1):
        last = over.is_set()
        for way in ways:
            tries += 1
            async with person_at(f"192.0.2.{number}", None) as http:
                try:
                    await way(stack.url, http)
                except PASSES as error:
                    failed.append(f"{way.__name__}: {error}")
        if last:
            break
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), 1)
    report.promise(what, f"{tries - len(failed)} of {tries}", not failed)
    for each in failed[:3]:
        report.fact("", each)


async def a_new_room(stack: FloodedStack, over: asyncio.Event, report: Report) -> None:
    """Somebody else makes a room once it is over, and writes in it."""
    await over.wait()
    seen = "made"
    async with person_at("192.0.2.1", None) as http:
        try:
            await sign_in(http, stack.url, "Ben")
            async with connected(http, stack.url) as connection:
                await asks(connection, "join", {"room": "after-the-flood"})
                await asks(connection, "message", "here", {"room": "after-the-flood"})
        except PASSES as error:
            seen = f"{error}"
    report.promise("a new room of somebody else's", seen, seen == "made")


async def _signs_in(url: str, http: aiohttp.ClientSession, name: str = "Ben") -> None:
    status = await sign_in(http, url, name, CODE)
    assert status == 303, f"answered {status}"


async def _connects(url: str, http: aiohttp.ClientSession) -> None:
    async with connected(http, url, {"name": "Ben", "code": CODE}):
        pass


async def _becomes_a_moderator(url: str, http: aiohttp.ClientSession) -> None:
    """Each under a name of their own, since nobody can take a moderator's."""
    await _signs_in(url, http, f"Mo {secrets.token_hex(4)}")
    status = await moderate(http, url)
    assert status == 303, f"answered {status}"


async def moderate(http: aiohttp.ClientSession, url: str) -> int:
    """Give the moderators' code; return the status, 303 if it was taken."""
    async with http.post(f"{url}/moderate", data={"code": ADMIN_CODE}, allow_redirects=False) as answer:
        return answer.status


@asynccontextmanager
async def connected(
    http: aiohttp.ClientSession, url: str, auth: dict[str, Any] | None = None
) -> AsyncIterator[Connection]:
    """Raises ConnectionFailed."""
    connection = await Connection.open(http, url, ["websocket"], auth or {}, lambda event, arguments: None)
    try:
        yield connection
    finally:
        await connection.close()


async def asks(connection: Connection, event: str, *arguments: Any) -> dict[str, Any]:
    answer: dict[str, Any] = await connection.ask(event, *arguments, within=ANSWER)
    assert answer["ok"], f"{event} was answered {answer['error']}"
    return answer
