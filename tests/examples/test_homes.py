"""A session of the example assistant moves to another worker, and its answer goes on there: no word is
lost or said twice."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.examples.pairs import Worker, pair
from tests.stack.relay.worker import RedisUnderTest
from tests.support.assistant import SESSION, Listener

QUESTION = " ".join(f"part-{number}" for number in range(20))
"""Its answer takes two seconds."""


@pytest.fixture
async def workers(redis: RedisUnderTest, tmp_path: Path) -> AsyncIterator[list[Worker]]:
    async with pair(redis, tmp_path, "assistant", "homes") as workers:
        yield workers


async def listener(worker: Worker) -> Listener:
    client = Listener()
    await client.connect(worker[0], SESSION)
    return client


async def test_a_session_is_wherever_it_was_used_last(workers: list[Worker]) -> None:
    """Its answer moves along, again and again, and back to where it was before."""
    ana, tab = await listener(workers[0]), await listener(workers[1])
    await ana.ask("ask", QUESTION)
    for turn in range(1, 6):
        await ana.hears_words(3 * turn)
        assert await (ana, tab)[turn % 2].ask("ask", "something else") == {"error": "busy"}
    for client in (ana, tab):
        await client.hears_all(QUESTION)
        await client.sio.disconnect()


async def test_the_answer_of_a_worker_that_is_killed_goes_on_at_another(workers: list[Worker]) -> None:
    """Where the session has a client, which does nothing for it."""
    tab, ana = await listener(workers[1]), await listener(workers[0])
    await ana.ask("ask", QUESTION)
    await tab.hears_words(3)
    workers[0][1].kill()
    await tab.hears_all(QUESTION)
    await tab.sio.disconnect()


async def test_the_answer_of_a_worker_that_ends_goes_on_at_another(workers: list[Worker]) -> None:
    tab, ana = await listener(workers[1]), await listener(workers[0])
    await ana.ask("ask", QUESTION)
    await tab.hears_words(3)
    workers[0][1].terminate()
    await tab.hears_all(QUESTION)
    await tab.sio.disconnect()


async def test_a_worker_that_comes_to_itself_says_nothing_more(workers: list[Worker]) -> None:
    """It was paused in the middle of an answer, and by now another worker gives another one."""
    ana = await listener(workers[0])
    await ana.ask("ask", QUESTION)
    await ana.hears_words(3)
    workers[0][1].send_signal(signal.SIGSTOP)
    tab = await listener(workers[1])
    await tab.hears_all(QUESTION)
    other = " ".join(f"{number}th" for number in range(20))
    assert await tab.ask("ask", other) == {"ok": True}
    await tab.hears_words(3)
    workers[0][1].send_signal(signal.SIGCONT)
    await tab.hears_all(other)
    late = await listener(workers[1])
    await late.hears_all(other)
    for client in (tab, late):
        await client.sio.disconnect()
