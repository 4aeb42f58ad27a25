"""The first post of a room: in its turn, and answered in time."""

import asyncio
import time

import pytest
from relay.log.log import LogUnavailable
from relay.log.post import NO_LIMIT, Post
from relay.redis.append import NewEntry
from relay.redis.connector import connector
from relay.redis.link import Link
from relay.redis.log import RedisLog
from relay.redis.names import Names
from relay.redis.ruling import Ruling

from tests.unit.relay.redis.fake_redis import Command, FakeRedis, Visitor

NO_RULES = b"*1\r\n$1\r\n0\r\n"
NO_LOG = b"*3\r\n:0\r\n:0\r\n:-2\r\n"


async def test_all_its_questions_together_are_answered_within_two_seconds() -> None:
    """Here the first two, which rules stand and that the room has no log, come after a second, and nothing
    after them. Whoever waits for its turn behind it waits no longer."""

    async def answer(visitor: Visitor, commands: list[Command]) -> None:
        if len(redis.seen) == 1:
            await asyncio.sleep(0.4)
            visitor.say(3 * NO_RULES)
        if len(redis.seen) == 2:
            await asyncio.sleep(0.4)
            visitor.say(b"*3\r\n" + 3 * NO_LOG)

    async with FakeRedis(answer) as redis:
        link = Link(connector(redis.url))
        log, begun = RedisLog(link, Names("test:"), keep=0, dedup_ttl=60), time.monotonic()
        posts = (log.append("tea", Post(str(number), b"x")) for number in range(3))
        outcomes = await asyncio.gather(*posts, return_exceptions=True)
        assert time.monotonic() - begun < 2
        assert [type(outcome) for outcome in outcomes] == [LogUnavailable] * 3
        assert [command[3:] for command in redis.seen[2]] == [[b"test:logs", b"1.05", b"tea", b"0"]]
        await link.close()


@pytest.mark.parametrize("others", [0, 3])
async def test_nothing_is_kept_of_rooms_that_have_begun(others: int) -> None:
    async def answer(visitor: Visitor, commands: list[Command]) -> None:
        visitor.say(b"-ERR broken\r\n" * len(commands))

    async with FakeRedis(answer) as redis:
        link = Link(connector(redis.url))
        log = RedisLog(link, Names("test:"), keep=0, dedup_ttl=60)
        posts = [Post(str(number), b"x") for number in range(1 + others)]
        entries = [NewEntry.of(Names("test:").of("tea"), post, Ruling(0, {})) for post in posts]
        appends = (log._new_logs.in_turn("tea", NO_LIMIT, entry) for entry in entries)
        outcomes = await asyncio.gather(*appends, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {LogUnavailable}
        assert not log._new_logs.begins("tea")
        await link.close()
