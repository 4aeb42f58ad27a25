"""Redis' password is another while workers run: they find the new one, and nobody restarts them."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.stack.relay.worker import RedisUnderTest, Worker, until


class Kept:
    """Where the password lies, as a file does."""

    def __init__(self) -> None:
        self.now, self.asked = "", 0

    def read(self) -> str:
        self.asked += 1
        if not self.now:
            raise OSError("there is no file")
        return self.now


async def demand(redis: RedisUnderTest, password: str) -> None:
    """Redis has this password from now on, and cuts whoever came in by another."""
    await redis.command("ACL", "DELUSER", "worker")
    await redis.command("ACL", "SETUSER", "worker", "on", f">{password}", "~*", "&*", "+@all")


@pytest.fixture
async def kept(redis: RedisUnderTest) -> AsyncIterator[Kept]:
    yield Kept()
    await redis.command("ACL", "DELUSER", "worker")


@pytest.fixture
async def worker(redis: RedisUnderTest, kept: Kept) -> AsyncIterator[Worker]:
    url = redis.url.replace("redis://", "redis://worker@")
    worker = Worker(RedisUnderTest(url, redis.container, redis.prefix), kept.read)
    yield worker
    await worker.stop()


async def refused(worker: Worker) -> bool:
    return "invalid username-password pair" in (worker.relay.problem() or "")


@pytest.mark.parametrize("order", ["redis first", "file first"])
async def test_a_worker_finds_a_new_password(
    redis: RedisUnderTest, kept: Kept, worker: Worker, order: str
) -> None:
    """And says what is wrong while it has the old one."""
    kept.now = "old"
    await demand(redis, "old")
    await worker.hears()
    member = await worker.member()
    if order == "redis first":
        await demand(redis, "new")
        await until(lambda: refused(worker), "the worker is refused")
        kept.now = "new"
    else:
        kept.now = "new"
        await demand(redis, "new")
    await worker.say_until_kept("hello")
    await worker.hears()
    await until(lambda: [told.text for told in member.told] == ["hello"], "it is told")


async def test_a_worker_that_is_refused_asks_seldom(
    redis: RedisUnderTest, kept: Kept, worker: Worker
) -> None:
    """A few times a second, the link and the bus together; and a file that is gone ends nothing."""
    await demand(redis, "old")
    kept.now = "wrong"
    await until(lambda: refused(worker), "the worker is refused")
    begun, kept.asked = asyncio.get_running_loop().time(), 0
    await until(lambda: kept.asked >= 8, "it tries again")
    assert asyncio.get_running_loop().time() - begun > 1
    kept.now = ""
    await until(lambda: "there is no file" in (worker.relay.problem() or ""), "this is said")
    kept.now = "old"
    await worker.hears()
