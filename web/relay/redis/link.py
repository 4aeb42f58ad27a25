"""A link to Redis: one connection that many callers share, with a limit to every wait.

Requests that come during an exchange are sent together as the next batch (group commit). So a burst of
appends costs a few writes and, with `appendfsync always`, a few syncs to disk, and no pool can be exhausted.
A caller's cancellation or timeout does not touch the connection: the batch is read to its end, so no reply
can reach the wrong caller. If a batch gets no complete answer within `EXCHANGE` seconds, the connection is
closed, with everything that might still come through it.

A request may reach Redis twice: if a connection from an earlier batch turns out to be closed, the batch is
sent once more over a new one. So whatever is sent here must be idempotent; appends are, by their ids.

When a batch fails, the circuit breaker opens for `OPEN_FOR` seconds: all requests that wait fail at once, and
so do new ones; then the next request tries again. Without it, three queued requests of one client took 4.1 s
to fail, one after the other (measured).

redis-py's own client is not used here: its pool gives a connection to one caller at a time, it retries with
its own timing, and its timeout begins anew with each read.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Any

from hiredis import pack_command
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, OutOfMemoryError, RedisError, ResponseError

from relay.log.log import LogFull, LogUnavailable
from relay.redis.connector import Connect, Connection
from relay.support.histogram import Histogram

ANSWER = 1.5
"""Seconds that a caller waits at most, for its turn, a reconnect and the answer together."""
EXCHANGE = 1.0
"""Seconds that a batch may take, connecting included. Shorter than `ANSWER`, so that a caller behind a batch
that hangs gets its error in time."""
OPEN_FOR = 0.5
"""Seconds for which the circuit breaker stays open after a failed batch: requests fail without being sent."""
BATCH = 256
"""Requests in a batch at most. Each takes Redis about 25 µs, so other clients wait for a few milliseconds."""

Command = tuple[str | bytes | int, ...]


@dataclass(slots=True)
class _Request:
    packed: bytes
    replies: int
    answer: asyncio.Future[list[Any]]


class Link:
    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._waiting: deque[_Request] = deque()
        self._flushing: asyncio.Task[None] | None = None
        self._open_until = 0.0  # on the loop's clock
        self._trouble = ""
        self.exchanges = Histogram()
        """Seconds from sending a batch to its last reply."""
        self.failures = 0
        """Batches that got no complete answer."""

    async def send(self, *commands: Command) -> list[Any]:
        """Return the replies to `commands`, which Redis receives in one piece.

        Raises LogUnavailable, with Redis' own words if it answered with an error, and LogFull if it has no
        memory left. NoScriptError is raised as it is, because the caller can handle it; see Script."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._open_until:
            raise LogUnavailable(self._trouble)
        packed = b"".join(pack_command(command) for command in commands)  # type: ignore[arg-type]
        answer: asyncio.Future[list[Any]] = loop.create_future()
        self._waiting.append(_Request(packed, len(commands), answer))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())
        try:
            async with asyncio.timeout(ANSWER):
                replies = await answer
        except TimeoutError:
            raise LogUnavailable(f"Redis did not answer within {ANSWER} s") from None
        raise_first(replies)
        return replies

    async def transaction(self, *commands: Command) -> list[Any]:
        """Return the replies to `commands`. No other client's command comes in between. Raises as `send`."""
        replies: list[Any] = (await self.send(("MULTI",), *commands, ("EXEC",)))[-1]
        raise_first(replies)
        return replies

    async def close(self) -> None:
        """Close the connection; requests that wait get no answer."""
        if self._flushing is not None:
            self._flushing.cancel()
        await self._drop()

    async def _flush(self) -> None:
        try:
            while batch := self._take():
                began = monotonic()
                try:
                    async with asyncio.timeout(EXCHANGE):
                        replies = await self._exchange(batch)
                except (RedisError, OSError) as error:
                    await self._drop()
                    self._give_up(batch, f"Redis is away: {_words(error)}")
                else:
                    self.exchanges.observe(monotonic() - began)
                    for request in batch:
                        answer = [next(replies) for _ in range(request.replies)]
                        if not request.answer.done():
                            request.answer.set_result(answer)
        finally:
            self._flushing = None

    def _give_up(self, batch: list[_Request], trouble: str) -> None:
        self.failures += 1
        self._trouble = trouble
        self._open_until = asyncio.get_running_loop().time() + OPEN_FOR
        for request in (*batch, *self._waiting):
            if not request.answer.done():
                request.answer.set_exception(LogUnavailable(trouble))
        self._waiting.clear()

    def _take(self) -> list[_Request]:
        batch: list[_Request] = []
        while self._waiting and len(batch) < BATCH:
            request = self._waiting.popleft()
            if not request.answer.done():  # else its caller gave up, and must not see it done later
                batch.append(request)
        return batch

    async def _exchange(self, batch: list[_Request]) -> Iterator[Any]:
        reused = self._connection is not None
        try:
            return await self._ask(batch)
        except RedisConnectionError:
            if not reused:
                raise
            await self._drop()
            return await self._ask(batch)

    async def _ask(self, batch: list[_Request]) -> Iterator[Any]:
        if self._connection is None:
            self._connection = self._connect()
            await self._connection.connect()
        await self._connection.send_packed_command([request.packed for request in batch], check_health=False)
        replies = []
        for _ in range(sum(request.replies for request in batch)):
            try:
                replies.append(await self._connection.read_response())
            except ResponseError as error:
                replies.append(error)
        return iter(replies)

    async def _drop(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.disconnect(nowait=True)


def raise_first(replies: list[Any]) -> None:
    """Raise what the first error among Redis' replies means; see Link.send."""
    for reply in replies:
        if isinstance(reply, NoScriptError):
            raise reply
        if isinstance(reply, OutOfMemoryError):
            raise LogFull(f"Redis is full: {reply}") from reply
        if isinstance(reply, RedisError):
            raise LogUnavailable(f"Redis refused: {reply}") from reply


def _words(error: Exception) -> str:
    return str(error) or f"no answer within {EXCHANGE} s"
