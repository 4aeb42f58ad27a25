"""The game that docs/reusing-relay.md shows: its steps are taken by whatever worker there is."""

import asyncio
import json
import logging
import re
import time
from types import SimpleNamespace
from typing import Any

import pytest
import relay as public
from relay import Post, Relay

from tests.support.noticeboard import DOCUMENT
from tests.support.waiting import soon

LAST = 5


class Game:
    """A game that ends with the step `LAST`, on several workers. It is written as the document says."""

    def __init__(self) -> None:
        self.relay = Relay.in_memory()
        self.steps: list[int] = []
        self.is_over = False
        self.broken = False
        """Whether a worker that takes a step is killed in the middle of it."""
        [code] = re.findall(r"^```python\n(GAMES = .*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
        self._names: dict[str, Any] = {
            **vars(public),
            "json": json,
            "time": time,
            "logger": logging.getLogger(__name__),
            "sio": SimpleNamespace(sleep=lambda seconds: asyncio.sleep(seconds / 50)),
            "relay": self.relay,
            "step": self.step,
        }
        exec(code, self._names)

    async def begin(self) -> None:
        await self.append(1, {"due": time.time()})
        await self.relay.store.add("chess", self._names["GAMES"])

    async def append(self, seq: int, game: dict[str, Any]) -> None:
        post = Post(f"{seq}", json.dumps(game).encode(), fingerprint=b"once")
        await self.relay.log.append("game chess", post)

    def worker(self) -> asyncio.Task[None]:
        return asyncio.ensure_future(self._names["run_games"]())

    async def step(self, room: str, seq: int, game: dict[str, Any]) -> None:
        self.steps.append(seq)
        if self.broken:
            raise asyncio.CancelledError
        await asyncio.sleep(0.02)
        if seq == LAST:
            await self.relay.store.remove(self._names["GAMES"].key, room)
            self.is_over = True
        else:
            await self.append(seq + 1, {"due": time.time() + 0.02})


async def end(*workers: asyncio.Task[None]) -> None:
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)


async def test_each_step_of_a_game_is_taken_by_one_worker() -> None:
    game = Game()
    workers = [game.worker() for _ in range(3)]
    await game.begin()
    await soon(lambda: game.is_over, what="the game to end")
    assert game.steps == [*range(1, LAST + 1)]
    await end(*workers)


async def test_a_game_goes_on_when_its_worker_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    game = Game()
    game.broken = True
    killed = game.worker()
    await game.begin()
    await soon(killed.done, what="the worker to be killed")
    game.broken = False
    other = game.worker()
    await asyncio.sleep(0.1)
    assert game.steps == [1]
    later = time.monotonic() + 10
    monkeypatch.setattr("relay.memory.store.monotonic", lambda: later)
    await soon(lambda: game.is_over, what="the game to end")
    assert game.steps == [1, *range(1, LAST + 1)]
    await end(other)
