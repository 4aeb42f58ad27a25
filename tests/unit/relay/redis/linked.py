"""A link to a Redis that answers as a test says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from relay.redis.connector import connector
from relay.redis.link import Link

from tests.unit.relay.redis.fake_redis import Answer, Command, FakeRedis, Visitor, echo


@asynccontextmanager
async def linked(answer: Answer) -> AsyncIterator[tuple[Link, FakeRedis]]:
    async with FakeRedis(answer) as redis:
        link = Link(connector(redis.url))
        try:
            yield link, redis
        finally:
            await link.close()


async def silent(visitor: Visitor, commands: list[Command]) -> None:
    pass


class Held:
    """Answers nothing before `open` is set; then everything, with each command's last word."""

    def __init__(self) -> None:
        self.open = asyncio.Event()

    async def __call__(self, visitor: Visitor, commands: list[Command]) -> None:
        await self.open.wait()
        await echo(visitor, commands)
