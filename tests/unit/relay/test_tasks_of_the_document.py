"""The tasks of relay's document that each worker runs: they follow rooms, tell of what may be lost, and hold
a role."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from relay import LogUnavailable, Post

from tests.support import relay_document
from tests.support.served import Served
from tests.support.waiting import soon


@asynccontextmanager
async def doing(
    worker: Served, task: str, *arguments: object, **others: Any
) -> AsyncIterator[dict[str, Any]]:
    """Run a task of the document; its names."""
    names = {
        "LogUnavailable": LogUnavailable,
        "Post": Post,
        "aclosing": aclosing,
        "asyncio": asyncio,
        "logger": logging.getLogger(__name__),
        "relay": worker.relay,
        "sio": worker.server,
        "time": time,
        "uuid4": uuid4,
        **others,
    }
    exec(relay_document.block("python", f"async def {task}("), names)
    running = asyncio.create_task(names[task](*arguments))
    try:
        yield names
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_task_has_the_texts_of_a_room() -> None:
    async with Served() as worker:
        await worker.relay.log.append("hall", Post("1", b"good morning"))
        async with doing(worker, "index", texts=[]) as names:
            await soon(lambda: names["texts"] == ["good morning"], what="what was said to be read")
            await worker.relay.log.append("hall", Post("2", b"good night"))
            await soon(lambda: names["texts"] == ["good morning", "good night"], what="the rest")
            await worker.relay.log.clear("hall")
            await worker.relay.log.append("hall", Post("3", b"hello"))
            await soon(lambda: names["texts"] == ["hello"], what="what is left")


class Turns:
    """A `sleep` that ends when the test says so."""

    def __init__(self) -> None:
        self.begun = 0
        self._ends: asyncio.Queue[None] = asyncio.Queue()

    async def sleep(self, seconds: float) -> None:
        self.begun += 1
        await self._ends.get()

    async def next(self) -> None:
        """Let the task have one turn."""
        begun = self.begun
        self._ends.put_nowait(None)
        await soon(lambda: self.begun > begun, what="the turn to end")


async def test_a_task_tells_clients_once_to_look_again() -> None:
    turns = Turns()
    async with Served() as worker:
        ana = await worker.visitor()
        sio = SimpleNamespace(sleep=turns.sleep, emit=worker.server.emit)
        relay = SimpleNamespace(interruptions=1)
        async with doing(worker, "tell_of_interruptions", sio=sio, relay=relay):
            await soon(lambda: turns.begun, what="the task to begin")
            await turns.next()
            relay.interruptions += 3
            await turns.next()
            await turns.next()
            await worker.server.emit("last")
            await ana.hears(("/", "look again"), ("/", "last"))


async def test_workers_tell_each_other_what_to_drop() -> None:
    """Who missed some of it drops all."""
    async with Served() as worker:
        cache = {"a": 1, "b": 2, "c": 3}
        async with doing(worker, "told", cache=cache) as names:
            await names["tell"]("a")
            await soon(lambda: cache == {"b": 2, "c": 3}, what="what was named to be dropped")
            await names["tell"]("d")
            await worker.relay.log.clear("to workers")
            await names["tell"]("d")
            await soon(lambda: cache == {}, what="all to be dropped")


class Work:
    """What the holder of a role does, and how often it began and was ended."""

    def __init__(self) -> None:
        self.begun = self.ended = 0

    async def __call__(self) -> None:
        self.begun += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.ended += 1


async def test_one_worker_at_a_time_does_what_a_role_is_for() -> None:
    """When it ends, the other one does, at its next turn."""
    async with Served() as worker:
        first, second, turns = Work(), Work(), Turns()
        sio = SimpleNamespace(sleep=turns.sleep)
        async with doing(worker, "hold", "bot", first):
            await soon(lambda: first.begun, what="the first one to work")
            async with doing(worker, "hold", "bot", second, sio=sio):
                await soon(lambda: turns.begun, what="the second one to ask")
                await turns.next()
                assert (first.begun, first.ended, second.begun) == (1, 0, 0)
                held = await worker.relay.connections.of("bot")
                await worker.relay.connections.remove(held.pop(), "bot")
                await turns.next()
                await soon(lambda: second.begun, what="the second one to work")
                await soon(lambda: first.ended, what="the first one to stop")
                assert (first.begun, second.ended) == (1, 0)
        assert second.ended == 1
        assert await worker.relay.connections.of("bot") == set()


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


async def test_a_role_is_held_for_five_seconds_without_redis_and_no_longer() -> None:
    async with Served() as worker:
        work, turns, clock = Work(), Turns(), Clock()
        away = False

        async def take(mine: str, role: str) -> bool:
            if away:
                raise LogUnavailable("away")
            return True

        async def remove(mine: str, role: str) -> None: ...

        relay = SimpleNamespace(connections=SimpleNamespace(take=take, remove=remove))
        sio = SimpleNamespace(sleep=turns.sleep)
        async with doing(worker, "hold", "bot", work, relay=relay, sio=sio, time=clock):
            await soon(lambda: work.begun, what="the work to begin")
            away, clock.now = True, 5.0
            await turns.next()
            assert work.ended == 0
            clock.now = 5.1
            await turns.next()
            await soon(lambda: work.ended, what="the work to end")
            away = False
            await turns.next()
            await soon(lambda: work.begun == 2, what="the work to begin again")
