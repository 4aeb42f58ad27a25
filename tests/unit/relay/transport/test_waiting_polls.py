"""A poll waits until there is something for it, its client goes, or another poll comes."""

import asyncio
from typing import Any

import pytest
from relay.transport.polls import Polls
from starlette.types import Message

from tests.support.waiting import PATIENCE


class Client:
    """Who asked. `receive` is what ASGI tells of the request."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()
        self.asked = 0
        self.asks = 0

    async def receive(self) -> Message:
        self.asks += 1
        try:
            self.asked += 1
            if self.asked == 1:
                return {"type": "http.request", "body": b"", "more_body": False}
            await self.gone.wait()
            return {"type": "http.disconnect"}
        finally:
            self.asks -= 1


async def waiting(polls: Polls, client: Client) -> asyncio.Task[bool]:
    """A poll that waits already."""
    task = asyncio.create_task(polls.wait(client.receive, PATIENCE))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return task


async def ended(task: asyncio.Task[bool]) -> bool:
    """What it ended with, long before its time is over."""
    async with asyncio.timeout(PATIENCE / 2):
        return await task


async def test_a_poll_that_is_woken_takes_what_there_is() -> None:
    """And its client is not watched any longer."""
    polls, client = Polls(), Client()
    task = await waiting(polls, client)
    polls.wake()
    assert await ended(task) is True
    await asyncio.sleep(0)
    assert client.asks == 0


@pytest.mark.parametrize("how", ["gone", "another", "end"])
async def test_a_poll_that_is_not_wanted_any_more_ends_at_once_and_takes_nothing(how: str) -> None:
    polls, client = Polls(), Client()
    task = await waiting(polls, client)
    other: Any = None
    if how == "gone":
        client.gone.set()
    elif how == "another":
        other = await waiting(polls, Client())
    else:
        polls.end()
    assert await ended(task) is False
    polls.wake()
    if other is not None:
        assert await ended(other) is True


async def test_a_poll_that_waited_long_enough_says_so() -> None:
    polls = Polls()
    with pytest.raises(TimeoutError):
        await polls.wait(Client().receive, 0.01)
    polls.wake()
