"""`make rollout` while people talk: nothing is lost, and the only HTTP error that anybody sees is the end of
a session whose client was told to go, and does not know the word."""

import asyncio
import itertools
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp

from tests.faults import report
from tests.faults.client import Client
from tests.faults.crowd import Crowd
from tests.faults.harness import Result, settle
from tests.faults.ledger import Ledger
from tests.faults.requests import Failure, Requests
from tests.faults.stack import FaultStack
from tests.faults.verdict import judge
from tests.support.rollout import Rollout
from tests.support.stack import WORKERS
from tests.support.waiting import soon

SIZE, RATE = 60, 60.0
ROLLOUTS = int(os.environ.get("ROLLOUTS", "1"))
HEEDED, UNHEEDED = 2.0, 5.0
"""Seconds that nobody is away for longer, who goes at once and who waits as the official clients do: 0.5 to
1.5 s, and then connects."""


class Mover(Client):
    """One who is told to move. Half of them, of each transport, do so at once, as the page does; the others
    know nothing of it, as any client does that is not ours."""

    told: dict[str, "Mover"]
    heeds = False
    hurries = False

    def _hear(self, event: str, arguments: list[Any]) -> None:
        if event == "moved" and self.connection:
            self.told[self.connection.sid] = self
            if self.heeds:
                self.hurries = True
                self._leaving = asyncio.create_task(self.reconnect(politely=True))
        super()._hear(event, arguments)

    def _pause(self, failures: int) -> float:
        hurries, self.hurries = self.hurries, False
        return 0.0 if hurries else super()._pause(failures)


async def test_rollouts_under_load_lose_nothing_and_are_not_noticed(stack: FaultStack) -> None:
    """60 people, on WebSocket, polling and from the one to the other; others open pages, ask for health."""
    ledger, requests, told = Ledger(), Requests(), dict[str, Mover]()
    crowd = Crowd(stack.url, ledger, SIZE, RATE, client=Mover, traces=[requests.trace])
    crowd.restless = []  # only the rollout moves anybody
    for number, each in enumerate(crowd.clients):
        assert isinstance(each, Mover)
        each.told, each.heeds = told, number // 3 % 2 == 0
    began = time.monotonic()
    result = Result(SIZE)
    async with crowd, passers_by(stack.url) as passing:
        for number in range(ROLLOUTS):
            before, started = ids(stack, "web"), time.monotonic()
            said = await asyncio.to_thread(Rollout(stack).ends)
            assert not before & ids(stack, "web"), "every worker is another one"
            assert len(stack.workers()) == WORKERS
            await soon(lambda: all(client.is_live for client in crowd.clients), what="all are back")
            print(
                f"\n  rollout {number + 1}, {time.monotonic() - started:.0f} s\n{said}{gaps(crowd, started)}"
            )
            assert longest(crowd, heeds=True) < HEEDED
            assert longest(crowd, heeds=False) < UNHEEDED
        await crowd.quieten()
        result.seconds, result.transports = time.monotonic() - began, crowd.transports()
        await settle(crowd, stack.url)
        result.verdict = await asyncio.to_thread(judge, ledger)
    print(
        report.as_text(result),
        f"\n  statuses: {dict(requests.statuses)}, of passers-by {dict(passing.statuses)}",
    )
    assert result.clean, report.as_text(result)
    assert len(told) >= ROLLOUTS * SIZE
    assert [each for each in requests.failures if not is_the_end_of_a_session(each, told)] == []
    assert passing.failures == []
    running = ids(stack)
    await asyncio.to_thread(stack.compose, "up", "--detach")
    assert ids(stack) == running, "`up` finds nothing to change"


async def test_nginx_and_redis_are_replaced_while_people_talk(stack: FaultStack) -> None:
    """As docs/upgrades.md says. Everybody comes back by themselves, and nothing is lost."""
    changed = {"NGINX_MEMORY": "300m"}
    crowd = Crowd(stack.url, Ledger(), SIZE, RATE, client=Mover)
    crowd.restless = []
    for each in crowd.clients:
        assert isinstance(each, Mover)
        each.told, each.heeds = {}, True
    async with crowd:
        nginx, redis = stack.container("nginx").id, stack.container("redis").id
        started = time.monotonic()
        said = await asyncio.to_thread(Rollout(stack, **changed).ends)
        assert stack.container("nginx").id != nginx
        assert stack.container("redis").id == redis
        await soon(lambda: all(client.is_live for client in crowd.clients), what="all are back")
        print(f"\n  with nginx\n{said}{gaps(crowd, started)}")

        changed["REDIS_MEMORY"] = "1100m"
        upgrade = ("up", "--detach", "--no-build", "--wait", "redis")
        await asyncio.to_thread(stack.compose, *upgrade, **changed)
        assert stack.container("redis").id != redis
        ready = time.monotonic()
        crowd.all_speak()
        await soon(lambda: crowd.hears_itself(ready), what="the crowd hears itself")
        print(f"  Redis replaced; all was well {time.monotonic() - ready:.1f} s after it was ready")
        await crowd.quieten()
        await settle(crowd, stack.url)
        verdict = await asyncio.to_thread(judge, crowd.ledger)
    assert verdict.clean, verdict.examples


async def test_a_new_worker_that_does_not_run_leaves_everything_as_it_was(stack: FaultStack) -> None:
    """It is removed, and the reason is said."""
    before = ids(stack)
    said = await asyncio.to_thread(Rollout(stack, MESSAGE_MAX_CHARS="many").ends, well=False)
    assert "MESSAGE_MAX_CHARS: 'many' is not a whole number" in said
    assert "0 of 2 workers were replaced" in said
    assert ids(stack) == before
    stack.wait_until_whole()


def ids(stack: FaultStack, service: str | None = None) -> set[str]:
    """Of containers; addresses are used again."""
    return {str(container.id) for container in stack.containers(service)}


def is_the_end_of_a_session(failure: Failure, told: dict[str, Mover]) -> bool:
    """400 to the next poll, or to what is sent in that moment, of one who was told to go and did not."""
    return failure.status == 400 and failure.sid in told and not told[failure.sid].heeds


def absences(crowd: Crowd, since: float, heeds: bool) -> list[float]:
    """For how long each client was away, each time, in seconds and in order."""
    mine = (client.name for client in crowd.clients if isinstance(client, Mover) and client.heeds == heeds)
    spans = itertools.chain.from_iterable(crowd.ledger.absences.get(name, ()) for name in mine)
    return sorted(back - left for left, back in spans if left >= since)


def longest(crowd: Crowd, heeds: bool) -> float:
    return absences(crowd, 0, heeds)[-1]


def gaps(crowd: Crowd, since: float) -> str:
    lines = []
    for heeds, who in ((True, "who heed `moved`"), (False, "who do not")):
        if not (times := absences(crowd, since, heeds)):
            continue
        middle, late = times[len(times) // 2], times[int(len(times) * 0.99)]
        away = f"median {middle:.2f} s, p99 {late:.2f} s, worst {times[-1]:.2f} s"
        lines.append(f"  {len(times):>3} moves of those {who:<18} away {away}")
    return "\n".join(lines)


@asynccontextmanager
async def passers_by(url: str) -> AsyncIterator[Requests]:
    """Somebody opens the page and asks for health, all the time."""
    requests = Requests()

    async def pass_by(http: aiohttp.ClientSession) -> None:
        for number in itertools.count():
            with suppress(aiohttp.ClientError):
                async with http.get(url + ("/", "/health", "/rooms/lobby")[number % 3]) as answer:
                    await answer.read()
            await asyncio.sleep(0.05)

    async with aiohttp.ClientSession(trace_configs=[requests.trace]) as http:
        task = asyncio.create_task(pass_by(http))
        try:
            yield requests
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
