"""A link's promises, on a Redis that answers as each test says; tests/stack has them on a real one."""

import asyncio
import time
from typing import Any

import pytest
from redis.exceptions import NoScriptError
from relay.log.log import LogFull, LogUnavailable
from relay.redis import link as module
from relay.redis.connector import connector
from relay.redis.link import Link

from tests.support.waiting import PATIENCE, soon
from tests.unit.relay.redis.fake_redis import Command, FakeRedis, Visitor, bulk, echo
from tests.unit.relay.redis.linked import Held, linked, silent

pytestmark = pytest.mark.usefixtures("patient")


async def test_what_is_asked_in_one_turn_is_one_batch_and_what_comes_meanwhile_the_next() -> None:
    """Each caller has its own replies."""
    held = Held()
    async with linked(held) as (link, redis):
        first = [asyncio.ensure_future(link.send(("GET", n), ("GET", n * 2))) for n in range(5)]
        await soon(lambda: redis.seen, what="the first batch")
        second = [asyncio.ensure_future(link.send(("GET", n))) for n in range(5, 8)]
        await asyncio.sleep(0)
        held.open.set()
        assert await asyncio.gather(*first) == [[b"%d" % n, b"%d" % (n * 2)] for n in range(5)]
        assert await asyncio.gather(*second) == [[b"%d" % n] for n in range(5, 8)]
        assert list(map(len, redis.seen)) == [10, 3]
        assert sum(link.exchanges.counts) == 2


async def test_no_commands_have_no_replies() -> None:
    async with linked(silent) as (link, redis):
        assert await link.send() == []
        assert redis.seen == []


async def test_an_error_in_the_middle_of_a_batch_reaches_its_caller_alone() -> None:
    async def answer(visitor: Visitor, commands: list[Command]) -> None:
        errors = {b"1": b"-OOM full\r\n", b"3": b"-NOSCRIPT none\r\n", b"4": b"-WRONGTYPE no\r\n"}
        visitor.say(b"".join(errors.get(command[1], bulk(command[1])) for command in commands))

    async with linked(answer) as (link, redis):
        asked = [link.send(("GET", str(n)), ("GET", "end")) for n in range(6)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert len(redis.seen) == 1
        assert [answers[n] for n in (0, 2, 5)] == [[b"%d" % n, b"end"] for n in (0, 2, 5)]
        kinds = [type(answers[n]) for n in (1, 3, 4)]
        assert kinds == [LogFull, NoScriptError, LogUnavailable]
        assert link.failures == 0
        assert await link.send(("GET", "6")) == [b"6"]


async def test_an_error_in_a_transaction_is_raised() -> None:
    async def answer(visitor: Visitor, commands: list[Command]) -> None:
        visitor.say(b"+OK\r\n+QUEUED\r\n*1\r\n-WRONGTYPE no\r\n")

    async with linked(answer) as (link, _):
        with pytest.raises(LogUnavailable, match="Redis refused: WRONGTYPE no"):
            await link.transaction(("GET", "x"))


async def test_a_caller_that_is_cancelled_touches_nobody_else() -> None:
    """Neither one whose request was sent, nor one that waits for its turn, whose request is not sent."""
    held = Held()
    async with linked(held) as (link, redis):
        sent = [asyncio.ensure_future(link.send(("GET", n))) for n in range(3)]
        await soon(lambda: redis.seen, what="the first batch")
        waiting = [asyncio.ensure_future(link.send(("GET", n))) for n in range(3, 6)]
        await asyncio.sleep(0)
        sent[1].cancel()
        waiting[1].cancel()
        held.open.set()
        others = await asyncio.gather(*(*sent[::2], *waiting[::2]))
        assert others == [[b"0"], [b"2"], [b"3"], [b"5"]]
        assert [command[1] for command in redis.seen[1]] == [b"3", b"5"]
        assert len(redis.visitors) == 1


async def test_a_caller_waits_its_time_for_turn_and_answer_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch goes on without it, and its late reply reaches nobody else."""
    monkeypatch.setattr(module, "ANSWER", 3.0)
    monkeypatch.setattr(module, "EXCHANGE", 2.5)
    held = [Held(), Held(), Held()]

    async def answer(visitor: Visitor, commands: list[Command]) -> None:
        await held[len(redis.seen) - 1](visitor, commands)

    async with linked(answer) as (link, redis):
        first = asyncio.ensure_future(link.send(("GET", "first")))
        await soon(lambda: redis.seen, what="the first batch")
        begun = time.monotonic()
        late = asyncio.ensure_future(link.send(("GET", "late")))
        await asyncio.sleep(1.5)
        in_time = asyncio.ensure_future(link.send(("GET", "in time")))
        await asyncio.sleep(0)
        held[0].open.set()
        assert await first == [b"first"]
        with pytest.raises(LogUnavailable, match=r"did not answer within 3\.0 s"):
            await late
        assert time.monotonic() - begun > 2.9
        assert not in_time.done()  # so the batch they share was not waited for
        held[1].open.set()
        assert await in_time == [b"in time"]
        held[2].open.set()
        assert await link.send(("GET", "after")) == [b"after"]
        assert (len(redis.visitors), link.failures) == (1, 0)


async def test_a_batch_that_hangs_fails_with_all_that_wait_and_the_circuit_breaker_opens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Redis answers half of it. The next request after that goes over a new connection."""
    monkeypatch.setattr(module, "EXCHANGE", 0.5)
    monkeypatch.setattr(module, "OPEN_FOR", 1.0)
    hangs = True

    async def answer(visitor: Visitor, commands: list[Command]) -> None:
        visitor.say(b"+half\r\n$4\r\nha") if hangs else await echo(visitor, commands)

    async with linked(answer) as (link, redis):
        begun = time.monotonic()
        sent = [asyncio.ensure_future(link.send(("GET", n))) for n in range(2)]
        await soon(lambda: redis.seen, what="the batch")
        waiting = asyncio.ensure_future(link.send(("GET", "waits")))
        answers = await asyncio.gather(*sent, waiting, return_exceptions=True)
        assert 0.45 < time.monotonic() - begun < PATIENCE / 2
        assert [str(answer) for answer in answers] == ["Redis is away: no answer within 0.5 s"] * 3
        with pytest.raises(LogUnavailable, match="Redis is away"):
            await link.send(("GET", "refused"))
        assert (len(redis.seen), link.failures) == (1, 1)
        await redis.visitors[0].gone.wait()
        hangs = False
        assert await insisting(link, "after") == [b"after"]
        assert [len(visitor.seen) for visitor in redis.visitors] == [1, 1]


async def insisting(link: Link, key: str) -> list[Any]:
    """The replies, once the circuit breaker is closed."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await link.send(("GET", key))
            except LogUnavailable:
                await asyncio.sleep(0.05)


async def test_replies_that_nobody_asked_for_end_the_connection_before_they_reach_anybody() -> None:
    async def answer(visitor: Visitor, commands: list[Command]) -> None:
        await echo(visitor, commands)
        if visitor is redis.visitors[0] and commands[0][-1] != b"0":
            visitor.say(b"+stray\r\n")

    async with linked(answer) as (link, redis):
        for number in range(5):
            assert await link.send(("GET", number)) == [b"%d" % number]
        await redis.visitors[0].gone.wait()
        assert len(redis.visitors) == 2


async def test_whoever_waits_when_the_link_is_closed_is_told_at_once() -> None:
    async with linked(silent) as (link, redis):
        sent = asyncio.ensure_future(link.send(("GET", "sent")))
        await soon(lambda: redis.seen, what="the batch")
        waiting = asyncio.ensure_future(link.send(("GET", "waits")))
        await asyncio.sleep(0)
        await link.close()
        for request in (sent, waiting):
            with pytest.raises(LogUnavailable, match="closed"):
                await request
        await redis.visitors[0].gone.wait()


async def test_who_asks_in_another_event_loop_is_told_so() -> None:
    """The answer would come in the first one, and whoever asked would wait for ever."""

    async def ask_elsewhere(link: Link) -> None:
        for asking in (link.send(("GET", "a")), link.send_once(("GET", "a"))):
            with pytest.raises(RuntimeError, match="run_coroutine_threadsafe"):
                await asking

    async with linked(echo) as (link, _):
        assert await link.send(("GET", "a")) == [b"a"]
        await asyncio.to_thread(lambda: asyncio.run(ask_elsewhere(link)))
        assert await link.send(("GET", "b")) == [b"b"]


def test_a_link_goes_on_in_another_event_loop_when_the_first_one_is_closed() -> None:
    """As that of a relay that a program asks before it serves."""
    url = ""
    link = Link(lambda *arguments: connector(url)(*arguments))

    async def ask(what: str) -> None:
        nonlocal url
        async with FakeRedis(echo) as redis:
            url = redis.url
            assert await link.send(("GET", what)) == [what.encode()]

    for what in ("a", "b", "c"):
        asyncio.run(ask(what))
    asyncio.run(link.close())
