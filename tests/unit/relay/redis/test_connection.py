"""What Redis sends is handed on as it is read: each reply whole, in order, and with turns for other tasks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from redis.exceptions import (
    BusyLoadingError,
    InvalidResponse,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
)
from relay.redis.connection import Connection
from relay.redis.connector import connector

from tests.support.waiting import soon
from tests.unit.relay.redis.fake_redis import Command, FakeRedis, Visitor, bulk


class Opened:
    """A connection, with what it handed on."""

    def __init__(self, redis: FakeRedis) -> None:
        self._redis = redis
        self.handed_on: list[list[Any]] = []
        self.lost: list[Exception] = []
        self.connection: Connection

    @property
    def redis(self) -> Visitor:
        """Redis' end of it."""
        return self._redis.visitors[0]

    @property
    def replies(self) -> list[Any]:
        return [reply for replies in self.handed_on for reply in replies]

    def receive(self, replies: list[Any]) -> None:
        self.handed_on.append(replies)


@asynccontextmanager
async def opened(at_most: int | None = None) -> AsyncIterator[Opened]:
    async def silent(visitor: Visitor, commands: list[Command]) -> None:
        pass

    async with FakeRedis(silent) as redis:
        one = Opened(redis)
        one.connection = await connector(redis.url)(one.receive, one.lost.append, at_most)
        await soon(lambda: redis.visitors, what="Redis to accept it")
        try:
            yield one
        finally:
            one.connection.close()


async def test_a_reply_split_over_reads_is_one_reply() -> None:
    async with opened() as one:
        for byte in b"*2\r\n$3\r\none\r\n:2\r\n$-1\r\n+three\r\n":
            one.connection.data_received(bytes([byte]))
        assert one.replies == [[b"one", 2], None, b"three"]


@pytest.mark.parametrize(
    ("said", "kind", "text"),
    [
        (b"-NOSCRIPT No matching script.", NoScriptError, "No matching script."),
        (b"-OOM command not allowed", OutOfMemoryError, "command not allowed"),
        (b"-READONLY You can't write", ReadOnlyError, "You can't write"),
        (b"-ERR wrong number of arguments", ResponseError, "wrong number of arguments"),
        (b"-WRONGTYPE Operation against a key", ResponseError, "WRONGTYPE Operation against a key"),
    ],
)
async def test_errors_are_redis_pys_own_and_end_nothing(
    said: bytes, kind: type[Exception], text: str
) -> None:
    """Alone, and within a list."""
    async with opened() as one:
        one.connection.data_received(said + b"\r\n*1\r\n" + said + b"\r\n+OK\r\n")
        alone, (within,), after = one.replies
        assert (type(alone), str(alone)) == (type(within), str(within)) == (kind, text)
        assert after == b"OK"
        assert one.lost == []


async def test_a_redis_that_loads_loses_the_connection_in_its_own_words() -> None:
    async with opened() as one:
        one.redis.say(b"-LOADING Redis is loading the dataset in memory\r\n")
        await soon(lambda: one.lost, what="the loss")
        assert [(type(error), str(error)) for error in one.lost] == [
            (BusyLoadingError, "Redis is loading the dataset in memory")
        ]
        await one.redis.gone.wait()


async def test_what_is_no_reply_loses_the_connection() -> None:
    async with opened() as one:
        one.redis.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await soon(lambda: one.lost, what="the loss")
        assert [type(error) for error in one.lost] == [InvalidResponse]
        await one.redis.gone.wait()


async def test_a_receiver_that_raises_loses_the_connection() -> None:
    async with opened() as one:
        one.receive([])
        error = RuntimeError("a defect")

        def fail(replies: list[Any]) -> None:
            raise error

        one.connection._receive = fail
        one.redis.say(b"+OK\r\n")
        await soon(lambda: one.lost == [error], what="the loss")
        await one.redis.gone.wait()


@pytest.mark.parametrize("end", [Visitor.close, Visitor.reset])
async def test_a_connection_closed_in_the_middle_of_a_reply_is_lost_once(end: Any) -> None:
    async with opened() as one:
        one.redis.say(b"+OK\r\n$10\r\nhalf")
        await soon(lambda: one.replies, what="the first reply")
        end(one.redis)
        await soon(lambda: one.lost, what="the loss")
        assert "Connection closed by server" in str(one.lost[0])
        one.connection.send(b"*1\r\n$4\r\nPING\r\n")
        await one.redis.gone.wait()
        assert (one.replies, len(one.lost)) == ([b"OK"], 1)


async def test_a_closed_connection_hands_on_nothing_more() -> None:
    async with opened(at_most=1) as one:
        one.connection.data_received(b"+one\r\n+two\r\n")
        one.connection.close()
        await one.redis.gone.wait()
        assert one.replies == [b"one"]
        assert one.lost == []


async def test_other_tasks_get_their_turn_during_a_burst() -> None:
    """And nothing is read meanwhile, so that what waits does not grow; all is handed on in order."""
    burst = [str(number).encode() for number in range(1000)]
    async with opened(at_most=50) as one:
        transport = one.connection._stream.transport
        one.connection.data_received(b"".join(map(bulk, burst)))
        one.redis.say(b"+after\r\n")
        turns = 0
        while len(one.replies) < 1000:
            assert turns < 1000
            assert not transport.is_reading()  # type: ignore[attr-defined]
            assert len(one.replies) == 50 * (turns + 1)
            await asyncio.sleep(0)
            turns += 1
        assert turns == 19
        await soon(lambda: one.replies == [*burst, b"after"], what="what came after the burst")
        assert max(map(len, one.handed_on)) == 50
