"""The role that one client has at a time, as docs/reusing-relay.md shows it."""

import asyncio
import logging
import re
from types import SimpleNamespace
from typing import Any

import pytest
from relay import BoundedSet, LogUnavailable, Relay

from tests.support.noticeboard import DOCUMENT
from tests.support.waiting import soon

[CODE] = re.findall(
    r"^```python\n(from relay import BoundedSet, LogUnavailable\n.*?)^```$",
    DOCUMENT.read_text(),
    re.MULTILINE | re.DOTALL,
)


class Worker:
    """One of several workers. Its code is that of the document."""

    def __init__(self, relay: Relay) -> None:
        self.added: list[str] = []
        self.away = False
        self.refused = self.rounds = 0
        self.store = relay.store
        self.names: dict[str, Any] = {
            "logger": logging.getLogger(__name__),
            "sio": SimpleNamespace(sleep=self.sleep),
            "relay": SimpleNamespace(store=SimpleNamespace(add=self.add, remove=relay.store.remove)),
        }
        exec(CODE, self.names)

    async def sleep(self, seconds: float) -> None:
        self.rounds += 1
        await asyncio.sleep(seconds / 2000)

    async def add(self, member: str, role: BoundedSet) -> str | None:
        if self.away:
            self.refused += 1
            raise LogUnavailable("Redis is away")
        self.added.append(member)
        return await self.store.add(member, role)

    async def take(self, role: str, sid: str) -> bool:
        taken: bool = await self.names["take"](role, sid)
        return taken

    async def leave(self, sid: str) -> None:
        await self.names["leave"](sid)


@pytest.fixture
def workers() -> tuple[Worker, Worker]:
    relay = Relay.in_memory()
    return Worker(relay), Worker(relay)


async def test_one_client_of_all_workers_has_a_role(workers: tuple[Worker, Worker]) -> None:
    one, other = workers
    assert [await one.take("host", "ana"), await other.take("host", "ben")] == [True, False]
    assert await one.store.members("role host") == {"ana"}
    assert await other.take("camera", "ben")


async def test_a_role_is_free_when_its_client_has_left(workers: tuple[Worker, Worker]) -> None:
    one, other = workers
    await one.take("host", "ana")
    await other.take("host", "ben")
    await other.leave("ben")
    assert await one.store.members("role host") == {"ana"}
    await one.leave("ana")
    assert await other.take("host", "ben")


async def test_a_role_is_kept_as_long_as_its_client_is_there(workers: tuple[Worker, Worker]) -> None:
    """Also after Redis was away. Whoever had left is not put in again."""
    one, other = workers
    await one.take("host", "ana")
    await other.take("camera", "ben")
    one.added.clear()
    one.away = True
    task = asyncio.ensure_future(one.names["keep_roles"]())
    await soon(lambda: one.refused > 2, what="Redis to be asked in vain")
    one.away = False
    await soon(lambda: len(one.added) > 2, what="the role to be taken again")
    assert set(one.added) == {"ana"}
    await one.leave("ana")
    one.added.clear()
    rounds = one.rounds
    await soon(lambda: one.rounds > rounds + 3, what="the task to go on")
    assert one.added == []
    assert await other.take("host", "ben")
    task.cancel()
