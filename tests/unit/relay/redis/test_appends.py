"""Appends go together: those that wait for the link's next batch are one call. Calls have bounds."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest
from relay.log.log import Appended, LogFull, LogUnavailable
from relay.log.post import Post
from relay.redis import link as link_module
from relay.redis.append import NewEntry, digest
from relay.redis.appends import CALL, CALL_BYTES, Appends
from relay.redis.batch import MOST
from relay.redis.connector import connector
from relay.redis.link import Link
from relay.redis.names import Names
from relay.redis.ruling import Ruling

from tests.support.waiting import soon
from tests.unit.relay.redis.fake_redis import Command, FakeRedis, Visitor, bulk

NAMES = Names("test:")
WORDS = 12
"""Of each entry."""
RULING = Ruling(0, {})
Append = Callable[[bytes], "asyncio.Task[Appended]"]


class Calls:
    """Answers each batch once it may. `seen`: of each batch, of each call, the data of each entry."""

    def __init__(self) -> None:
        self.seen: list[list[list[bytes]]] = []
        self.names: list[bytes] = []
        self._may = asyncio.Semaphore(0)
        self._error: bytes | None = None

    def answer(self, error: bytes | None = None) -> None:
        """Answer one batch more, with an error for each call if there is one."""
        self._error = error
        self._may.release()

    async def __call__(self, visitor: Visitor, commands: list[Command]) -> None:
        calls = [data_of(command) for command in commands]
        self.names += [command[0] for command in commands]
        self.seen.append(calls)
        await self._may.acquire()
        error, self._error = self._error, None
        for call in calls:
            if error:
                visitor.say(b"-%b\r\n" % error)
                continue
            visitor.say(b"*%d\r\n" % len(call))
            for data in call:
                place = b"1 1 %b" % digest(data).encode()
                visitor.say(b"*3\r\n" + bulk(b"epoch") + bulk(place) + b":0\r\n")


def data_of(command: Command) -> list[bytes]:
    words = command[3 + int(command[2]) + 4 :]
    return [words[at + 4] for at in range(0, len(words), WORDS)]


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
async def append(calls: Calls) -> AsyncIterator[Append]:
    async with FakeRedis(calls) as redis:
        link = Link(connector(redis.url))
        appends = Appends(link, keep=0, dedup_ttl=60)

        def start(data: bytes) -> asyncio.Task[Appended]:
            return asyncio.create_task(appends.append(NewEntry.of(NAMES.of("tea"), Post("id", data), RULING)))

        try:
            yield start
        finally:
            await link.close()
            for _ in range(20):
                calls.answer()


async def test_what_comes_during_a_batch_is_the_next_call(calls: Calls, append: Append) -> None:
    """One that finds no batch under way goes at once."""
    tasks = [append(b"first")]
    await soon(lambda: calls.seen, what="it is sent")
    tasks += [append(b"%d" % n) for n in range(5)]
    calls.answer()
    await soon(lambda: len(calls.seen) == 2, what="the others are sent")
    calls.answer()
    assert [each.seq for each in await asyncio.gather(*tasks)] == [1] * 6
    assert calls.seen == [[[b"first"]], [[b"0", b"1", b"2", b"3", b"4"]]]


async def test_a_call_has_so_many_entries_and_a_batch_too(calls: Calls, append: Append) -> None:
    tasks = [append(b"%d" % n) for n in range(MOST + CALL + 3)]
    for _ in range(2):
        calls.answer()
    await asyncio.gather(*tasks)
    assert [[len(call) for call in batch] for batch in calls.seen] == [[CALL] * (MOST // CALL), [CALL, 3]]
    assert [data for batch in calls.seen for call in batch for data in call] == [
        b"%d" % n for n in range(MOST + CALL + 3)
    ]


async def test_a_call_has_so_many_bytes(calls: Calls, append: Append) -> None:
    """But always an entry, however large it is."""
    sizes = CALL_BYTES // 2, CALL_BYTES // 2, 2 * CALL_BYTES, 1
    tasks = [append(b"x" * size) for size in sizes]
    for _ in sizes:  # so much may be read in several pieces
        calls.answer()
    await asyncio.gather(*tasks)
    assert [[len(data) for data in call] for batch in calls.seen for call in batch] == [
        [size] for size in sizes
    ]


async def test_what_was_given_up_while_it_waited_is_not_sent(calls: Calls, append: Append) -> None:
    """What was sent already is answered to the others all the same."""
    tasks = [append(b"a"), append(b"b")]
    await soon(lambda: calls.seen, what="they are sent")
    tasks += [append(b"c"), append(b"d")]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    calls.answer()
    calls.answer()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError, Appended] * 2
    assert calls.seen == [[[b"a", b"b"]], [[b"d"]]]


async def test_a_call_that_all_gave_up_takes_no_more(calls: Calls, append: Append) -> None:
    first = append(b"first")
    await soon(lambda: calls.seen, what="it is sent")
    given_up = append(b"given up")
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.sleep(0)
    last = append(b"last")
    calls.answer()
    calls.answer()
    await asyncio.gather(first, last)
    assert calls.seen == [[[b"first"]], [[b"last"]]]


@pytest.mark.parametrize(
    ("said", "kind"), [(b"OOM command not allowed", LogFull), (b"READONLY a replica", LogUnavailable)]
)
async def test_an_error_is_told_to_all_of_a_call_and_the_next_ones_go_on(
    calls: Calls, append: Append, said: bytes, kind: type[Exception]
) -> None:
    """To each as an error of its own."""
    failing = [append(b"a"), append(b"b")]
    await soon(lambda: calls.seen, what="they are sent")
    going_on = append(b"c")
    await asyncio.sleep(0)
    calls.answer(said)
    outcomes = await asyncio.gather(*failing, return_exceptions=True)
    assert [type(each) for each in outcomes] == [kind] * 2
    assert outcomes[0] is not outcomes[1]
    calls.answer()
    assert (await going_on).seq == 1


async def test_a_redis_that_was_restarted_gets_the_script_itself(calls: Calls, append: Append) -> None:
    tasks = [append(b"a"), append(b"b")]
    calls.answer(b"NOSCRIPT No matching script.")
    await soon(lambda: len(calls.seen) == 2, what="they are sent again")
    calls.answer()
    await asyncio.gather(*tasks)
    assert calls.names == [b"EVALSHA", b"EVAL"]
    assert calls.seen == [[[b"a", b"b"]]] * 2


async def test_nobody_waits_longer_than_a_log_may(
    calls: Calls, append: Append, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither whoever was sent nor whoever waits for a turn."""
    monkeypatch.setattr(link_module, "EXCHANGE", 0.3)
    begun = time.monotonic()
    tasks = [append(b"sent")]
    await soon(lambda: calls.seen, what="it is sent")
    outcomes = await asyncio.gather(*tasks, append(b"waits"), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [LogUnavailable] * 2
    assert time.monotonic() - begun < 2
