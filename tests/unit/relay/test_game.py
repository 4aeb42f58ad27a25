"""The game that docs/relay-state.md shows: its steps are taken by whatever worker there is."""

import asyncio
import logging
import re
from types import SimpleNamespace
from typing import Any

from relay import Relay
from relay.log.records import Ask
from relay.memory.records import MemoryRecords
from relay.values import Values

from tests.support import relay_document
from tests.support.waiting import soon

CODE = relay_document.block("python", "import time\n")


class FarRecords(MemoryRecords):
    """Records that take their time, so that others make changes between a read and what is made of it."""

    async def read(self, *asks: Ask) -> list[dict[str, bytes]]:
        found = await super().read(*asks)
        await asyncio.sleep(0.005)
        return found


class Game:
    """A game on several workers. It is written as the document says."""

    def __init__(self) -> None:
        relay = Relay.in_memory()
        relay.values = Values(FarRecords())
        self.relay = relay
        self.rounds: list[int] = []
        """Those that clients are told of."""
        self.over = 0
        """How often they are told that it is over."""
        self.clock = SimpleNamespace(time=lambda: 0.0)
        self.broken = False
        """Whether a worker that takes a step is killed before it tells anybody."""
        self.names: dict[str, Any] = {
            "logger": logging.getLogger(__name__),
            "sio": SimpleNamespace(sleep=lambda seconds: asyncio.sleep(seconds / 50), emit=self.emit),
            "relay": relay,
        }
        exec(CODE, self.names)
        self.names["time"] = self.clock

    async def emit(self, event: str, game: dict[str, Any] | None = None, *, to: str) -> None:
        if self.broken:
            raise asyncio.CancelledError
        if game is None:
            assert event == "over"
            self.over += 1
        else:
            self.rounds.append(game["round"])

    async def begin(self) -> None:
        first = {"round": 0, "due": 0}
        await self.relay.values.change("game chess", lambda game: None if game else first)
        await self.relay.store.add("chess", self.names["GAMES"])

    def passes(self, seconds: float) -> None:
        now = self.clock.time() + seconds
        self.clock.time = lambda: now

    def worker(self) -> asyncio.Task[None]:
        return asyncio.ensure_future(self.names["run_games"]())


async def end(*workers: asyncio.Task[None]) -> None:
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)


async def test_each_step_of_a_game_is_taken_by_one_worker() -> None:
    game = Game()
    workers = [game.worker() for _ in range(3)]
    await game.begin()
    for number in range(1, 9):
        await soon(lambda n=number: game.rounds[-1:] == [n], what="the step that is due")  # type: ignore[misc]
        game.passes(10)
    await soon(lambda: game.rounds[-1] == 9, what="the last step")
    assert game.rounds == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    game.passes(10)
    await soon(lambda: game.over == 1, what="the end")
    assert await game.relay.values.read("game chess") is None
    assert await game.relay.store.members("games") == set()
    await end(*workers)


async def test_a_game_goes_on_when_its_worker_is_killed() -> None:
    """Clients miss the step that it had taken and not told of."""
    game = Game()
    game.broken = True
    killed = game.worker()
    await game.begin()
    await soon(killed.done, what="the worker to be killed")
    game.broken = False
    other = game.worker()
    game.passes(10)
    await soon(lambda: game.rounds == [2], what="the next step")
    await end(other)


async def test_a_handler_changes_a_game_only_while_there_is_one() -> None:
    game = Game()
    [pause] = re.findall(r"change\(f\"game \{room\}\", (lambda game: game and .*?)\)`", relay_document.text())
    paused = eval(pause)
    assert await game.relay.values.change("game chess", paused) is None
    await game.begin()
    assert await game.relay.values.change("game chess", paused) == {"round": 0, "due": 0, "paused": True}
