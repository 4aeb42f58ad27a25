"""Appends go together: what comes while a call is under way is the next call. Calls have bounds."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from relay.log.log import Appended, LogUnavailable
from relay.log.post import Post
from relay.redis.append import NewEntry, digest
from relay.redis.appends import CALL, CALL_BYTES, CALLS, Appends
from relay.redis.link import Command, Link
from relay.redis.names import Names

from tests.support.waiting import soon

NAMES = Names("test:")


class FakeLink(Link):
    """Keeps what it is sent, and answers when it is told to."""

    def __init__(self) -> None:
        self.sent: list[list[list[bytes]]] = []  # of each batch, of each call, the data of each entry
        self._answers: list[asyncio.Future[None]] = []

    async def send(self, *commands: Command) -> list[Any]:
        # Of an entry's words only the data is bytes.
        calls = [[word for word in command if isinstance(word, bytes)] for command in commands]
        self.sent.append(calls)
        self._answers.append(asyncio.get_running_loop().create_future())
        await self._answers[-1]
        return [[[b"epoch", b"1 1 %b" % digest(data).encode(), 0] for data in call] for call in calls]

    async def answer(self, error: Exception | None = None) -> None:
        """Answer the next batch, once it is sent."""
        await soon(lambda: self._answers, what="a batch is sent")
        answer = self._answers.pop(0)
        answer.set_exception(error) if error else answer.set_result(None)


@pytest.fixture
def link() -> FakeLink:
    return FakeLink()


@pytest.fixture
async def append(link: FakeLink) -> Callable[[bytes], asyncio.Task[Appended]]:
    appends = Appends(link, NAMES, keep=0, dedup_ttl=60)

    def start(data: bytes) -> asyncio.Task[Appended]:
        return asyncio.create_task(appends.append(NewEntry.of(NAMES, "tea", Post("id", data))))

    return start


Append = Callable[[bytes], "asyncio.Task[Appended]"]


async def test_what_comes_during_a_call_is_the_next_call(link: FakeLink, append: Append) -> None:
    """One that finds no call under way goes at once."""
    tasks = [append(b"first")]
    await soon(lambda: link.sent, what="it is sent")
    tasks += [append(b"%d" % n) for n in range(5)]
    await asyncio.sleep(0.05)
    assert link.sent == [[[b"first"]]]
    await link.answer()
    await link.answer()
    await asyncio.gather(*tasks)
    assert link.sent[1:] == [[[b"0", b"1", b"2", b"3", b"4"]]]


async def test_a_call_has_so_many_entries_and_a_batch_so_many_calls(link: FakeLink, append: Append) -> None:
    count = CALL * CALLS + 3
    tasks = [append(b"%d" % n) for n in range(count)]
    for _ in range(2):
        await link.answer()
    await asyncio.gather(*tasks)
    assert [[len(call) for call in batch] for batch in link.sent] == [[CALL] * CALLS, [3]]
    assert [data for batch in link.sent for call in batch for data in call] == [
        b"%d" % n for n in range(count)
    ]


async def test_a_call_has_so_many_bytes(link: FakeLink, append: Append) -> None:
    """But always an entry, however large it is."""
    tasks = [append(b"x" * size) for size in (CALL_BYTES // 2, CALL_BYTES // 2, 2 * CALL_BYTES, 1)]
    await link.answer()
    await asyncio.gather(*tasks)
    assert [[len(data) for data in call] for call in link.sent[0]] == [
        [CALL_BYTES // 2],
        [CALL_BYTES // 2],
        [2 * CALL_BYTES],
        [1],
    ]


async def test_what_was_given_up_while_it_waited_is_not_sent(link: FakeLink, append: Append) -> None:
    """What was sent already is answered to the others all the same."""
    tasks = [append(b"a"), append(b"b")]
    await soon(lambda: link.sent, what="they are sent")
    tasks += [append(b"c"), append(b"d")]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    for _ in range(2):
        await link.answer()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError, Appended] * 2
    assert link.sent == [[[b"a", b"b"]], [[b"d"]]]


async def test_an_error_is_told_to_all_of_a_call_and_the_next_ones_go_on(
    link: FakeLink, append: Append
) -> None:
    failing = [append(b"a"), append(b"b")]
    await soon(lambda: link.sent, what="they are sent")
    going_on = append(b"c")
    await link.answer(LogUnavailable("Redis is away"))
    await link.answer()
    outcomes = await asyncio.gather(*failing, return_exceptions=True)
    assert [repr(each) for each in outcomes] == [repr(LogUnavailable("Redis is away"))] * 2
    assert outcomes[0] is not outcomes[1]
    assert (await going_on).seq == 1


async def test_nobody_waits_longer_than_a_log_may(link: FakeLink, append: Append) -> None:
    """Neither whoever was sent nor whoever waits for a turn."""
    begun = asyncio.get_running_loop().time()
    tasks = [append(b"sent")]
    await soon(lambda: link.sent, what="it is sent")
    outcomes = await asyncio.gather(*tasks, append(b"waits"), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [LogUnavailable] * 2
    assert asyncio.get_running_loop().time() - begun < 2
    await link.answer()
