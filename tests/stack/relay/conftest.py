"""A real Redis of these tests' own, which they may stop, kill and wipe, and workers on it."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import docker
import pytest
from docker.errors import NotFound
from relay.redis.link import Link

from tests.stack.relay.worker import Proxy, RedisUnderTest, Worker, Workers

CONTAINER = "tertulia-test-redis-alone"
PORT = 18479
# As redis.conf has it, without the password.
COMMAND = "/usr/local/bin/redis-server --protected-mode no --appendonly yes --appendfsync always --save ''"


@pytest.fixture(scope="session")
def redis_container() -> Iterator[str]:
    """A fixed port: an ephemeral one changes when the container is started again."""
    engine = docker.from_env()
    with suppress(NotFound):
        engine.containers.get(CONTAINER).remove(force=True, v=True)
    container = engine.containers.run(
        "redis:8", COMMAND, name=CONTAINER, ports={"6379/tcp": ("127.0.0.1", PORT)}, detach=True
    )
    yield CONTAINER
    container.remove(force=True, v=True)
    engine.close()


@pytest.fixture
async def redis(redis_container: str) -> AsyncIterator[RedisUnderTest]:
    url, prefix = f"redis://127.0.0.1:{PORT}/0", f"test-{secrets.token_hex(4)}:"
    redis = RedisUnderTest(url, redis_container, prefix)
    await redis.ready()
    yield redis
    await redis.restore()


@pytest.fixture
async def link(redis: RedisUnderTest) -> AsyncIterator[Link]:
    link = redis.link()
    yield link
    await link.close()


@pytest.fixture
async def proxy(redis: RedisUnderTest) -> AsyncIterator[Proxy]:
    proxy = Proxy(redis)
    await proxy.open()
    yield proxy
    await proxy.close()


@pytest.fixture
async def worker(redis: RedisUnderTest) -> AsyncIterator[Workers]:
    """Makes workers, each with a server, manager and connections of its own."""
    workers: list[Worker] = []

    def make(through: RedisUnderTest = redis) -> Worker:
        workers.append(Worker(through))
        return workers[-1]

    yield make
    await asyncio.gather(*(each.stop() for each in workers))
