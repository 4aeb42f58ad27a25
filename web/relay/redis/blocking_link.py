"""A link for programs without an event loop: a pool of redis-py's blocking connections.

It has the interface of Link, whose `send` is a coroutine function, so that RedisLog works with either. This
one's `send` waits for nothing in the sense of asyncio: it blocks its thread. So a coroutine that awaits only
it runs to its end in one step; see `run`.

redis-py's pool gives a connection to one thread at a time, and to a process that was forked other ones than
to its parent.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any, TypeVar

from hiredis import pack_command
from redis.backoff import NoBackoff
from redis.connection import ConnectionPool
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from relay.log.log import LogUnavailable
from relay.redis.batch import confirmation, unconfirmed
from relay.redis.commands import Command, raise_first, writes_anything
from relay.redis.connector import Check, Dialogue, Password, pool_of
from relay.redis.link import ANSWER, Link

CONNECT = 0.5
"""Seconds that connecting may take, and each answer to AUTH. Shorter than for a worker, so that these and the
answer itself take less than 2 s."""

T = TypeVar("T")


class NoAnswer(LogUnavailable):
    """Nothing came back, or nobody could be asked."""


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return the result of a coroutine that awaits nothing but a BlockingLink."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise RuntimeError("The coroutine waited for an event loop.")


class BlockingLink(Link):
    def __init__(self, url: str, password: Password | None = None, check: Check | None = None) -> None:
        """As of connector."""

        def begin(connection: Any) -> None:
            connection.on_connect()
            if check is not None:
                hold(check(), partial(_ask, connection))

        self._pool = pool_of(
            ConnectionPool,
            url,
            password,
            Retry(NoBackoff(), 0),
            socket_timeout=CONNECT,
            socket_connect_timeout=CONNECT,
            redis_connect_func=begin,
        )

    async def send(self, *commands: Command) -> list[Any]:
        """Replaces Link.send, which shares one connection in an event loop. The same promises: the commands
        reach Redis in one piece, within 2 s, and may reach it twice."""
        replies = self.exchange(commands, monotonic() + ANSWER)
        raise_first(replies)
        return replies

    def exchange(self, commands: Sequence[Command], deadline: float, replicas: int = 0) -> list[Any]:
        """Return the replies to commands, errors among them. `deadline`: on the monotonic clock. `replicas`:
        how many have to have on disk what they write. Raises NoAnswer, and LogUnavailable if they have
        not."""
        confirmed = replicas > 0 and writes_anything(commands)
        packed = b"".join(pack_command(command) for command in commands)  # type: ignore[arg-type]
        if confirmed:
            packed += confirmation(replicas)
        try:
            connection = self._pool.get_connection()
            try:
                connection.send_packed_command([packed], check_health=False)
                count = len(commands) + (2 if confirmed else 0)
                replies = [_reply(connection, deadline) for _ in range(count)]
            finally:
                self._pool.release(connection)
        except (RedisError, OSError) as error:
            raise NoAnswer(f"Redis is away: {error}") from error
        if confirmed:
            *replies, _, kept = replies
            # What was refused was not written, so nobody has to confirm it.
            refused = any(isinstance(reply, Exception) for reply in replies)
            if not refused and (trouble := unconfirmed(kept, replicas)):
                raise LogUnavailable(trouble)
        return replies

    async def close(self) -> None:
        """Close the connections."""
        self._pool.disconnect()


def hold(dialogue: Dialogue[None], ask: Callable[[Command], Any]) -> None:
    """Hold a dialogue. `ask`: returns the reply to a command; it may raise ResponseError."""
    with suppress(StopIteration):
        command = next(dialogue)
        while True:
            try:
                reply = ask(command)
            except ResponseError as error:
                command = dialogue.throw(error)
            else:
                command = dialogue.send(reply)


def _ask(connection: Any, command: Command) -> Any:
    connection.send_command(*command, check_health=False)
    return connection.read_response()


def _reply(connection: Any, deadline: float) -> Any:
    try:
        return connection.read_response(timeout=max(0.01, deadline - monotonic()))
    except ResponseError as error:
        return error
