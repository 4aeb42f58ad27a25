"""One person's limits hold on every worker together, over time; and what they are by default."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.stack.test_settings import worker
from tests.support.people import WEBSOCKET, Person, new_room
from tests.support.session import cookie_name
from tests.support.stack import Stack
from tests.support.waiting import PATIENCE

CHARGED = 2.0
"""Seconds after which what a worker let in is charged."""
STRICT = {"MESSAGES_PER_SECOND": "1", "MESSAGES_AT_ONCE": "10", "PEOPLE_PER_ADDRESS": "3"}


@contextmanager
def two_workers(stack: Stack, **settings: str) -> Iterator[list[str]]:
    """The addresses of two workers on the stack's Redis, with the limits set so."""
    with worker(stack, **settings) as here, worker(stack, **settings) as there:
        yield [str(each.base_url) for each in (here, there)]


def cookie_from(url: str, name: str) -> str:
    return str(httpx.post(f"{url}/sign-in", data={"name": name}).cookies[cookie_name(url)])


@pytest.fixture
def strict(stack: Stack) -> Iterator[list[str]]:
    with two_workers(stack, **STRICT) as urls:
        yield urls


async def post(tab: Person, ids: list[str]) -> list[dict[str, Any]]:
    return [await tab.asks("message", f"text of {id}", {"room": tab.room, "id": id}) for id in ids]


async def test_one_person_with_two_tabs_on_two_workers_is_limited_on_each(strict: list[str]) -> None:
    """Both tabs post at once, as fast as they are answered, and the workers let pass little more together
    than one does. What is limited is not logged, and what was acked is acked again on either worker."""
    cookie = cookie_from(strict[0], "Ana")
    room = new_room()
    tabs = [Person(url, WEBSOCKET, f"tab at {url}", cookie, room) for url in strict]
    for tab in tabs:
        await tab.arrive()
    mark, begun = f"{time.time_ns()}", time.monotonic()
    ids = [[f"{mark}-{number}-{n}" for n in range(15)] for number in range(2)]
    answers = await asyncio.gather(*(post(tab, each) for tab, each in zip(tabs, ids, strict=True)))
    acked = {id: ack for tab in range(2) for id, ack in zip(ids[tab], answers[tab], strict=True) if ack["ok"]}
    refused = [ack for each in answers for ack in each if not ack["ok"]]
    assert 10 <= len(acked) <= 10 + 5 + (time.monotonic() - begun)
    assert {ack["error"] for ack in refused} == {"rate_limited"}
    # Until a token is there again, of which they let pass some too many.
    waits = {ack["retry_after"] for ack in refused}
    assert waits <= {*range(1, len(acked) - 10 + 2)}
    for tab in tabs:
        for id, ack in acked.items():
            assert await post(tab, [id]) == [ack]
    page = await tabs[0].asks("history", {"room": room})
    assert {m["id"] for m in page["messages"] if m["id"].startswith(mark)} == acked.keys()
    for tab in tabs:
        await tab.leave()


async def test_two_workers_let_pass_over_time_what_one_would(strict: list[str]) -> None:
    """Each learns within a second what the other let pass. Posting goes on for some seconds, and then nothing
    that both gave too much at first is left over."""
    cookie = cookie_from(strict[0], "Dora")
    tabs = [Person(url, WEBSOCKET, f"tab at {url}", cookie, new_room()) for url in strict]
    for tab in tabs:
        await tab.arrive()
    mark, begun, acked, number = time.time_ns(), time.monotonic(), 0, 0
    while (seconds := time.monotonic() - begun) < 15:
        for tab in tabs:
            number += 1
            [ack] = await post(tab, [f"{mark}-{number}"])
            acked += ack["ok"]
        await asyncio.sleep(0.1)
    assert 10 + seconds - 3 <= acked <= 10 + seconds + 3
    for tab in tabs:
        await tab.leave()


async def test_an_address_has_one_limit_whoever_comes_from_it(strict: list[str]) -> None:
    """Guests that come anew each time: on each of two workers three people's messages, and no more. (The
    limit of whoever came from here before is over within ten seconds.) For a second, and until its charge is
    made, each worker goes by its own copy of the bucket, so what comes anew meanwhile comes at both."""
    begun = time.monotonic()
    granted = 0
    for number in range(8):
        guest = Person(strict[number % 2], WEBSOCKET, f"guest {number}")
        await guest.arrive()
        asked = [post(guest, [f"{number}-{n}-{time.time_ns()}"]) for n in range(20)]
        granted += sum(ack["ok"] for [ack] in await asyncio.gather(*asked))
        await guest.leave()
    passed = time.monotonic() - begun
    assert granted <= 2 * 30 + 3 * passed + 3 * min(passed, CHARGED)
    assert granted < 8 * 20


async def test_by_default_nobody_who_types_is_limited(stack: Stack) -> None:
    """Twenty lines at once, and five a second from then on."""
    drop_buckets(stack)
    default = dict.fromkeys(STRICT, "")
    with two_workers(stack, **default) as urls:
        cookie = cookie_from(urls[0], "Ben")
        tab = Person(urls[1], WEBSOCKET, "Ben", cookie)
        await tab.arrive()
        answers = await post(tab, [f"{time.time_ns()}-{n}" for n in range(20)])
        assert all(ack["ok"] for ack in answers)
        await tab.leave()


async def test_buckets_are_forgotten_when_they_are_full(stack: Stack, strict: list[str]) -> None:
    """They cost nothing for those who are not talking, and nothing on disk."""
    tab = Person(strict[0], WEBSOCKET, "Cleo")
    await tab.arrive()
    await post(tab, [f"{time.time_ns()}-{n}" for n in range(10)])
    await kept(stack)  # for the ten seconds that it takes to fill it
    await forgotten(stack)
    await tab.leave()


async def kept(stack: Stack) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await asyncio.to_thread(buckets, stack):
            await asyncio.sleep(0.2)


async def forgotten(stack: Stack) -> None:
    async with asyncio.timeout(PATIENCE):
        while await asyncio.to_thread(buckets, stack):
            await asyncio.sleep(0.2)


def buckets(stack: Stack) -> list[str]:
    listed = stack.redis_cli("KEYS", "tertulia:{buckets}:*").split("\n")
    return [line for line in listed if line.startswith("tertulia:")]


def drop_buckets(stack: Stack) -> None:
    """Those of tests before: everybody here has one address."""
    if names := buckets(stack):
        stack.redis_cli("DEL", *names)
