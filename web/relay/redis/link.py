"""A link to Redis: one connection that many callers share, with a limit to every wait.

Requests that come during an exchange are sent together as the next batch (group commit). So a burst of
appends costs a few writes and, with `appendfsync always`, a few syncs to disk, and no pool can be exhausted.
A caller's cancellation or timeout does not touch the connection: the batch is read to its end, so no reply
can reach the wrong caller. If a batch gets no complete answer within `EXCHANGE` seconds, the connection is
closed, with everything that might still come through it.

A request may reach Redis twice: if a connection from an earlier batch turns out to be closed, the batch is
sent once more over a new one. So whatever is sent here has to be idempotent, as appends are by their ids, or
be sent by `send_once`, as emits are: clients would get them twice.

When a batch fails, the circuit breaker opens for `OPEN_FOR` seconds: all requests that wait fail at once, and
so do new ones; then the next request tries again. Without it, three queued requests of one client took 4.1 s
to fail, one after the other (measured).

redis-py's own client is not used here: its pool gives a connection to one caller at a time, it retries with
its own timing, and its timeout begins anew with each read.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Iterator
from itertools import chain, islice
from typing import Any

from hiredis import pack_command
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from relay.log.log import LogUnavailable
from relay.redis.batch import Batch, Commands, Request, next_requests
from relay.redis.commands import Command, raise_first, writes_anything
from relay.redis.connection import Connection
from relay.redis.connector import Connect
from relay.redis.shards import Shard
from relay.support.histogram import Histogram

ANSWER = 1.5
"""Seconds that a caller waits at most, for its turn, a reconnect and the answer together."""
EXCHANGE = 1.0
"""Seconds that a batch may take, connecting included. Shorter than `ANSWER`, so that a caller behind a batch
that hangs gets its error in time."""
OPEN_FOR = 0.5
"""Seconds for which the circuit breaker stays open after a failed batch: requests fail without being sent."""

OTHER_LOOP = (
    "A Relay belongs to the event loop that used it first, that of the server. Ask from another thread by "
    "asyncio.run_coroutine_threadsafe(…, loop). A program that serves nobody takes relay.outside."
)


class Link:
    in_cluster = False
    """Whether another node may take over, perhaps without the last writes; see epoch.lua."""

    def __init__(
        self, connect: Connect, replicas: int = 0, failed: Callable[[], None] = lambda: None
    ) -> None:
        """`replicas`: how many have to have on disk what is written. `failed()`: called when a batch got no
        complete answer; it may not wait."""
        self._connect = connect
        self._replicas = replicas
        self._failed = failed
        self._connection: Connection | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._waiting: deque[Request] = deque()
        self._batch: Batch | None = None
        self._next: asyncio.Handle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._open_until = 0.0  # on the loop's clock
        self._loop: asyncio.AbstractEventLoop | None = None
        self._trouble = ""
        self.exchanges = Histogram()
        """Seconds from sending a batch to its last reply."""
        self.failures = 0
        """Batches that got no complete answer."""

    async def send(self, *commands: Command) -> list[Any]:
        """Return the replies to `commands`, which Redis receives in one piece.

        Raises LogUnavailable, with Redis' own words if it answered with an error, and LogFull if it has no
        memory left. NoScriptError is raised as it is, because the caller can handle it; see Script."""
        if not commands:
            return []
        packed = b"".join([pack_command(command) for command in commands])  # type: ignore[arg-type]
        writes = self._replicas > 0 and writes_anything(commands)
        return await self.send_packed(packed, len(commands), writes=writes)

    async def send_once(self, command: Command) -> Any:
        """Return the reply to a command that is not sent again if the connection breaks, since it may have
        been done. Raises as `send`."""
        packed = pack_command(command)  # type: ignore[arg-type]
        writes = self._replicas > 0 and writes_anything([command])
        (reply,) = await self.send_packed(packed, 1, writes=writes, once=True)
        return reply

    async def send_packed(self, packed: bytes, count: int, *, writes: bool, once: bool = False) -> list[Any]:
        """Return the replies to so many commands, which were packed before. `writes`: whether any writes.
        `once`: as of Request. Raises as `send`."""
        loop = asyncio.get_running_loop()
        deadline, replied = loop.time() + ANSWER, loop.create_future()
        request = Commands(packed, count, deadline, replied, writes=writes, once=once)
        self.put(request)
        replies = await request.replied
        raise_first(replies)
        return replies

    def put(self, request: Request, key: str = "") -> None:
        """Send a request with the next batch. `key`: what it is about; one Redis has all. Raises
        LogUnavailable while the circuit breaker is open, and RuntimeError in another event loop than the
        first: its answer would come there, and whoever asks would wait for ever."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._belong_to(loop)
        if loop.time() < self._open_until:
            raise LogUnavailable(self._trouble)
        self._waiting.append(request)
        if self._batch is None and self._next is None:
            self._next = loop.call_soon(self._send_next)  # with what else is asked in this turn of the loop
        due = min(loop.time() + EXCHANGE, request.deadline)
        if self._timer is None or self._timer.when() > due:
            self._set_timer(due)

    def _belong_to(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is not None:
            if not self._loop.is_closed():
                raise RuntimeError(OTHER_LOOP)
            self._next = self._timer = self._batch = None  # they went with their loop, as did the connection
            self._connection = self._connecting = None
            self._waiting.clear()
        self._loop = loop

    async def transaction(self, *commands: Command) -> list[Any]:
        """Return the replies to `commands`. No other client's command comes in between. Raises as `send`."""
        replies: list[Any] = (await self.send(("MULTI",), *commands, ("EXEC",)))[-1]
        raise_first(replies)
        return replies

    def shards(self, partitions: Collection[int]) -> list[tuple[Shard, list[int]]]:
        """Return the shards that have these partitions, each with those that it has."""
        return [(Shard("", 0, self), list(partitions))] if partitions else []

    def one_call(self, key: str) -> str:
        """Return what two entries have in common that one call may append. One Redis takes all."""
        return ""

    async def close(self) -> None:
        """Close the connection; requests that wait fail."""
        self.end()

    def learn(self) -> None:
        """Learn soon which node has what. One Redis has all."""

    def end(self) -> None:
        """Do as `close`."""
        for scheduled in (self._next, self._timer):
            if scheduled is not None:
                scheduled.cancel()
        self._next = self._timer = None
        self._drop()
        self._fail("The link was closed.")
        self._loop = None

    def _send_next(self) -> None:
        """Send the next batch, if anybody waits."""
        self._next = self._batch = None
        if requests := next_requests(self._waiting):
            deadline = asyncio.get_running_loop().time() + EXCHANGE
            self._batch = Batch(requests, deadline, self._connection is not None, self._replicas)
            self._transmit(self._batch)

    def _transmit(self, batch: Batch) -> None:
        if self._connection is None:
            self._connecting = asyncio.create_task(self._connect_for(batch))
        else:
            self._connection.send(batch.packed())

    async def _connect_for(self, batch: Batch) -> None:
        try:
            self._connection = await self._connect(self._receive, self._lose)
        except (RedisError, OSError) as error:
            self._connecting = None
            self._give_up(error)
        else:
            self._connecting = None
            self._transmit(batch)

    def _receive(self, replies: list[Any]) -> None:
        batch = self._batch
        if batch is None:
            raise RedisConnectionError("Redis answered what nobody asked.")
        if batch.receive(replies):
            self.exchanges.observe(batch.seconds())
            batch.answer()
            self._send_next()

    def _lose(self, error: Exception) -> None:
        self._connection = None
        if (batch := self._batch) is None:
            return
        if not batch.reused:
            self._give_up(error)
        elif batch.repeat(f"The connection to Redis broke: {_words(error)}"):
            self._transmit(batch)
        else:
            self._send_next()

    def _end_overdue(self) -> None:
        """Fail what is overdue, and come again when the next can be. One timer is enough for all: it is never
        set later than `EXCHANGE` from now, nor than what is due first."""
        self._timer = None
        loop = asyncio.get_running_loop()
        now = loop.time()
        for request in self._unanswered():
            if request.deadline <= now:
                request.fail(f"Redis did not answer within {ANSWER} s")
        if self._batch is not None and self._batch.deadline <= now:
            self._give_up(TimeoutError())
        if self._batch is not None or self._waiting:
            due = [now + EXCHANGE, *(request.deadline for request in islice(self._unanswered(), 1))]
            if self._batch is not None:
                due.append(self._batch.deadline)
            self._set_timer(min(due))

    def _set_timer(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(due, self._end_overdue)

    def _unanswered(self) -> Iterator[Request]:
        """Yield all requests without an answer, the oldest first."""
        sent = self._batch.requests if self._batch is not None else ()
        return (request for request in chain(sent, self._waiting) if not request.done)

    def _give_up(self, error: Exception) -> None:
        self.failures += 1
        self._failed()
        self._trouble = f"Redis is away: {_words(error)}"
        self._open_until = asyncio.get_running_loop().time() + OPEN_FOR
        self._drop()
        self._fail(self._trouble)

    def _fail(self, trouble: str) -> None:
        for request in self._unanswered():
            request.fail(trouble)
        self._batch = None
        self._waiting.clear()

    def _drop(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
        if self._connection is not None:
            self._connection.close()
        self._connecting = self._connection = None


def _words(error: Exception) -> str:
    return str(error) or f"no answer within {EXCHANGE} s"
