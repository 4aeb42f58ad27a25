"""The game that docs/reusing-relay.md shows: its steps are taken by whatever worker there is."""

import asyncio
import logging
import re
from types import SimpleNamespace
from typing import Any

from relay import Page, Relay
from relay.log.log import Log

from tests.support.noticeboard import DOCUMENT
from tests.support.waiting import PATIENCE, soon

[CODE] = re.findall(
    r"^```python\n(import json\n.*?GAMES = .*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL
)


class FarLog:
    """A log that takes its time, so that others append between a read and what is made of it."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.append = log.append

    async def read(self, room: str, **limits: Any) -> Page:
        page = await self._log.read(room, **limits)
        await asyncio.sleep(0.005)
        return page


class Game:
    """A game on several workers. It is written as the document says."""

    def __init__(self) -> None:
        relay = Relay.in_memory()
        self.log = relay.log
        self.rounds: list[int] = []
        """Those that clients are told of."""
        self.clock = SimpleNamespace(time=lambda: 0.0)
        self.broken = False
        """Whether a worker that takes a step is killed before it tells anybody."""
        self.names: dict[str, Any] = {
            "logger": logging.getLogger(__name__),
            "sio": SimpleNamespace(sleep=lambda seconds: asyncio.sleep(seconds / 50), emit=self.emit),
            "relay": SimpleNamespace(log=FarLog(relay.log), store=relay.store),
        }
        exec(CODE, self.names)
        self.names["time"] = self.clock

    async def emit(self, event: str, game: dict[str, Any], to: str) -> None:
        if self.broken:
            raise asyncio.CancelledError
        self.rounds.append(game["round"])

    async def begin(self) -> None:
        await self.names["change"]("game chess", lambda game: {"round": 0, "due": 0})
        await self.names["relay"].store.add("chess", self.names["GAMES"])

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
    for number in range(1, 5):
        await soon(lambda n=number: game.rounds[-1:] == [n], what="the step that is due")  # type: ignore[misc]
        game.passes(10)
    await soon(lambda: game.rounds[-1] == 5, what="the last step")
    assert game.rounds == [1, 2, 3, 4, 5]
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


async def test_no_change_of_a_game_undoes_another() -> None:
    change = Game().names["change"]
    await asyncio.gather(*[change("score", count) for _ in range(20)])
    assert await change("score", lambda score: [score]) == [20]


async def test_a_value_is_what_was_put_last() -> None:
    names = Game().names
    assert await names["value"]("score") is None
    for _ in range(3):
        await names["change"]("score", count)
    assert await names["value"]("score") == 3


async def test_a_change_that_leaves_the_value_is_no_entry() -> None:
    game = Game()
    assert await game.names["change"]("score", lambda score: None) is None
    assert (await game.log.read("score")).entries == []


async def test_a_change_that_comes_after_a_clear_stops_no_other() -> None:
    """It takes an id of the log that was cleared."""
    game = Game()
    change = game.names["change"]
    for _ in range(2):
        await change("score", count)
    late = asyncio.ensure_future(change("score", count))
    await asyncio.sleep(0)
    await game.log.clear("score")
    assert await late == 3
    async with asyncio.timeout(PATIENCE):
        assert [await change("score", count) for _ in range(5)] == [4, 5, 6, 7, 8]


def count(score: int | None) -> int:
    return (score or 0) + 1
