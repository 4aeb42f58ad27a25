"""A link makes its connections anew, and says why when it can't."""

import asyncio

import pytest
from relay.log.log import LogUnavailable
from relay.redis import link as module
from relay.redis.connector import connector
from relay.redis.link import Link

from tests.unit.relay.redis.fake_redis import Command, FakeRedis, Visitor, echo
from tests.unit.relay.redis.linked import linked, silent

pytestmark = pytest.mark.usefixtures("patient")


async def test_a_connect_that_hangs_fails_its_batch_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EXCHANGE", 0.2)
    async with FakeRedis(silent) as redis:
        link = Link(connector(redis.url, lambda: "secret"))
        with pytest.raises(LogUnavailable, match=r"no answer within 0\.2 s"):
            await link.send(("GET", "x"))
        await redis.visitors[0].gone.wait()
        assert redis.seen == [[[b"AUTH", b"secret"]]]


async def test_a_refused_connect_fails_its_batch_in_redis_words() -> None:
    async def answer(visitor: Visitor, commands: list[Command]) -> None:
        visitor.say(b"-WRONGPASS invalid username-password pair or user is disabled.\r\n")

    async with FakeRedis(answer) as redis:
        link = Link(connector(redis.url, lambda: "wrong"))
        with pytest.raises(LogUnavailable, match=r"^Redis is away: invalid username-password pair"):
            await link.send(("GET", "x"))


async def test_a_used_connection_that_closes_in_the_middle_of_a_reply_is_tried_once_anew() -> None:
    """All of the batch is sent again, and nobody notices."""

    async def answer(visitor: Visitor, commands: list[Command]) -> None:
        if visitor is redis.visitors[0] and commands[0][-1] != b"first":
            visitor.say(b"$1\r\n0\r\n$1\r\n")
            visitor.close()
        else:
            await echo(visitor, commands)

    async with linked(answer) as (link, redis):
        assert await link.send(("GET", "first")) == [b"first"]
        asked = [link.send(("GET", n)) for n in range(3)]
        assert await asyncio.gather(*asked) == [[b"0"], [b"1"], [b"2"]]
        assert [len(commands) for commands in redis.seen] == [1, 3, 3]
        assert link.failures == 0


async def test_what_may_be_done_once_only_fails_when_the_connection_breaks_and_the_rest_is_sent_again() -> (
    None
):
    """Nobody knows whether Redis did it before its answer was lost."""

    async def answer(visitor: Visitor, commands: list[Command]) -> None:
        if visitor is redis.visitors[0] and commands[0][-1] != b"first":
            visitor.close()
        else:
            await echo(visitor, commands)

    async with linked(answer) as (link, redis):
        assert await link.send(("GET", "first")) == [b"first"]
        asked = link.send(("GET", 0)), link.send_once(("PUBLISH", "x", 1)), link.send(("GET", 2))
        before, told, after = await asyncio.gather(*asked, return_exceptions=True)
        assert (before, after) == ([b"0"], [b"2"])
        assert isinstance(told, LogUnavailable)
        assert str(told) == "The connection to Redis broke: Connection closed by server."
        assert [len(commands) for commands in redis.seen] == [1, 3, 2]
        assert link.failures == 0


async def test_a_batch_of_which_nothing_may_be_sent_again_holds_up_no_other() -> None:
    async def answer(visitor: Visitor, commands: list[Command]) -> None:
        if commands[0][-1] == b"lost":
            visitor.close()
        else:
            await echo(visitor, commands)

    async with linked(answer) as (link, _):
        assert await link.send(("GET", "first")) == [b"first"]
        lost = asyncio.ensure_future(link.send_once(("PUBLISH", "x", "lost")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert await link.send(("GET", "next")) == [b"next"]
        with pytest.raises(LogUnavailable, match="The connection to Redis broke"):
            await lost


async def test_a_new_connection_that_closes_is_not_tried_again() -> None:
    async def answer(visitor: Visitor, commands: list[Command]) -> None:
        if commands[0][-1] == b"first":
            await echo(visitor, commands)
        else:
            visitor.close()

    async with linked(answer) as (link, redis):
        assert await link.send(("GET", "first")) == [b"first"]
        with pytest.raises(LogUnavailable, match="Redis is away: Connection closed by server"):
            await link.send(("GET", "x"))
        assert [len(visitor.seen) for visitor in redis.visitors] == [2, 1]
        assert link.failures == 1


async def test_a_connection_that_closes_while_nobody_asks_is_replaced_unnoticed() -> None:
    async with linked(echo) as (link, redis):
        for number in range(3):
            assert await link.send(("GET", number)) == [b"%d" % number]
            redis.visitors[-1].close()
            await redis.visitors[-1].gone.wait()
        assert len(redis.visitors) == 3
        assert link.failures == 0


async def test_a_redis_that_loads_is_away() -> None:
    async def answer(visitor: Visitor, commands: list[Command]) -> None:
        visitor.say(b"-LOADING Redis is loading the dataset in memory\r\n" * len(commands))

    async with linked(answer) as (link, _):
        with pytest.raises(LogUnavailable, match="Redis is away: Redis is loading the dataset in memory"):
            await link.send(("GET", "x"))
        assert link.failures == 1
