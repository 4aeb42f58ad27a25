"""Which connection is a user's first or last, on several workers, as docs/reusing-relay.md shows it."""

import asyncio
import logging
import re
from types import SimpleNamespace
from typing import Any

import pytest
from relay import LogUnavailable, Relay

from tests.support.noticeboard import DOCUMENT
from tests.support.waiting import soon

BLOCKS = re.findall(r"^```python\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
[CODE] = [block for block in BLOCKS if "async def comes(" in block]


class Worker:
    """One of several workers. Its code is that of the document."""

    def __init__(self, relay: Relay, marks: set[str]) -> None:
        self.relay = relay
        self.away = False
        self.refused = 0
        self.marks = marks
        store = SimpleNamespace(mark=self.mark, marked=self.marked)
        self.names: dict[str, Any] = {
            "logger": logging.getLogger(__name__),
            "sio": SimpleNamespace(sleep=lambda seconds: asyncio.sleep(seconds / 2000)),
            "relay": SimpleNamespace(values=relay.values, store=store),
        }
        exec(CODE, self.names)

    async def mark(self, key: str, seconds: float) -> None:
        if self.away:
            self.refused += 1
            raise LogUnavailable("Redis is away")
        self.marks.add(key)

    async def marked(self, key: str) -> bool:
        await asyncio.sleep(0)
        return key in self.marks

    async def comes(self, user: str, sid: str) -> bool:
        first: bool = await self.names["comes"](user, sid)
        return first

    async def goes(self, user: str, sid: str) -> bool:
        last: bool = await self.names["goes"](user, sid)
        return last

    async def clients(self, user: str) -> set[str]:
        clients, _ = await self.names["sids_of"](user)
        return set(clients)


@pytest.fixture
def workers() -> tuple[Worker, Worker]:
    relay, marks = Relay.in_memory(), set[str]()
    return Worker(relay, marks), Worker(relay, marks)


async def test_the_first_and_the_last_connection_are_told_apart(workers: tuple[Worker, Worker]) -> None:
    one, other = workers
    assert [await one.comes("ana", "a1"), await other.comes("ana", "a2")] == [True, False]
    assert await other.comes("ben", "b1")
    assert await one.clients("ana") == {"a1", "a2"}
    assert [await one.goes("ana", "a1"), await other.goes("ana", "a2")] == [False, True]
    assert await one.clients("ana") == set()
    assert await one.comes("ana", "a3")


async def test_one_of_many_that_come_or_go_at_once_is_first_or_last(workers: tuple[Worker, Worker]) -> None:
    sids = [(workers[n % 2], f"s{n}") for n in range(8)]
    assert sum(await asyncio.gather(*(worker.comes("ana", sid) for worker, sid in sids))) == 1
    assert sum(await asyncio.gather(*(worker.goes("ana", sid) for worker, sid in sids))) == 1


async def test_clients_of_a_worker_that_was_killed_do_not_count(workers: tuple[Worker, Worker]) -> None:
    killed, other = workers
    await killed.comes("ana", "a1")
    await killed.comes("ben", "b1")
    await other.comes("ben", "b2")
    other.marks -= {"here a1", "here b1"}
    assert await other.clients("ana") == set()
    assert await other.comes("ana", "a2")
    assert await other.goes("ben", "b2")


async def test_a_worker_marks_its_clients_also_after_redis_was_away(workers: tuple[Worker, Worker]) -> None:
    one, _ = workers
    await one.comes("ana", "a1")
    await one.comes("ben", "b1")
    await one.goes("ben", "b1")
    one.marks.clear()
    one.away = True
    task = asyncio.ensure_future(one.names["stay"]())
    await soon(lambda: one.refused > 1, what="Redis to be asked in vain")
    one.away = False
    await soon(lambda: one.marks == {"here a1"}, what="the client to be marked")
    task.cancel()


async def test_a_client_that_was_left_out_while_redis_was_away_is_put_back(
    workers: tuple[Worker, Worker],
) -> None:
    """The marks of all have ended, and another worker believes it. Whoever has gone is not put back."""
    one, other = workers
    await one.comes("ana", "a1")
    await one.comes("ben", "b1")
    await one.goes("ben", "b1")
    one.marks.clear()
    assert await other.comes("ana", "a2")
    assert await other.clients("ana") == {"a2"}
    task = asyncio.ensure_future(one.names["stay"]())
    while await other.clients("ana") != {"a1", "a2"}:
        await asyncio.sleep(0.01)
    task.cancel()
    assert not await other.goes("ana", "a2")
    assert await other.clients("ben") == set()
    assert await one.goes("ana", "a1")


async def test_nothing_is_kept_of_a_user_without_clients(workers: tuple[Worker, Worker]) -> None:
    one, other = workers
    await one.comes("ana", "a1")
    await one.goes("ana", "a1")
    assert await other.goes("ana", "a1")
    assert await one.relay.values.read("sids of ana") is None
