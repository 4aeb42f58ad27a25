"""The tasks of relay's document that each worker runs: one follows a room, one tells of what may be lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from types import SimpleNamespace
from typing import Any

from relay import Post

from tests.support import relay_document
from tests.support.served import Served
from tests.support.waiting import soon


@asynccontextmanager
async def doing(worker: Served, task: str, **others: Any) -> AsyncIterator[dict[str, Any]]:
    """Run a task of the document; its names."""
    names = {"aclosing": aclosing, "relay": worker.relay, "sio": worker.server, **others}
    exec(relay_document.block("python", f"async def {task}():"), names)
    running = asyncio.create_task(names[task]())
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
