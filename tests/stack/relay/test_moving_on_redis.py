"""The applications before and after, as docs/reusing-relay.md shows them, do the same on two workers."""

import pytest

from tests.stack.relay.worker import RedisUnderTest
from tests.support.moved import chats, comes_back, differences, served

PLAIN, WITH_FASTAPI, DURABLE = differences()


@pytest.mark.parametrize("difference", [PLAIN, WITH_FASTAPI], ids=["ASGIApp", "FastAPI"])
@pytest.mark.parametrize("version", ["before", "after"])
async def test_an_application_does_the_same_before_and_after(
    redis: RedisUnderTest, difference: object, version: str
) -> None:
    source = getattr(difference, version)
    async with served(source, redis.url) as one, served(source, redis.url) as two:
        await chats(one, two)


async def test_a_room_that_loses_nothing_says_what_was_missed(redis: RedisUnderTest) -> None:
    async with served(DURABLE.after, redis.url) as one, served(DURABLE.after, redis.url) as two:
        await chats(one, two, "id-1")
        await comes_back(two)
