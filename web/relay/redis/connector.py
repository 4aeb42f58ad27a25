"""The connector makes each connection to Redis, for the link and for the bus.

redis-py connects, over TCP, TLS or a Unix socket, and authenticates. Then its stream is taken over.

Redis may get another password while the workers run, so each connection asks for it anew. A worker that is
refused tries again, as after any failure and with the same pauses, and then has the new password.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from redis.asyncio.connection import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.credentials import CredentialProvider
from redis.exceptions import AuthenticationError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError

from relay.redis.connection import Connection, Lose, Receive

CONNECT = 1.0
"""Seconds that connecting may take."""


class Connect(Protocol):
    async def __call__(self, receive: Receive, lose: Lose, at_most: int | None = None) -> Connection:
        """Return a new connection; the arguments are Connection's. Raises RedisError or OSError."""
        ...


Password = Callable[[], str]
"""Returns the password as it is now. May raise OSError or ValueError."""

T = TypeVar("T")
Dialogue = Generator[tuple[str, ...], Any, T]
"""Yields commands, and is sent the reply to each; an error that Redis answers is raised in it. May raise
RedisError."""
Check = Callable[[], Dialogue[None]]
"""Asks a new connection whether it leads to what was expected."""


def connector(url: str, password: Password | None = None, check: Check | None = None) -> Connect:
    """Return a function that connects to `url` (redis://, rediss:// or unix://).

    A password in the URL wins over `password`. Of redis-py's timeouts only the one for connecting is used:
    the users of a connection limit each exchange as a whole.
    """
    once = Retry(NoBackoff(), 0)
    pool = pool_of(ConnectionPool, url, password, once, socket_timeout=None, socket_connect_timeout=CONNECT)

    async def connect(receive: Receive, lose: Lose, at_most: int | None = None) -> Connection:
        opened = pool.make_connection()
        try:
            await opened.connect()
            if check is not None:
                await _hold(check(), opened)
            if await opened.can_read():  # nothing was asked: it was closed, or Redis says why it will be
                await opened.read_response()
                raise RedisConnectionError("Redis answered what nobody asked.")
            return Connection(_taken_from(opened), receive, lose, at_most)
        except BaseException:
            await opened.disconnect(nowait=True)
            raise

    return connect


async def _hold(dialogue: Dialogue[None], opened: Any) -> None:
    with suppress(StopIteration):
        command = next(dialogue)
        while True:
            await opened.send_command(*command)
            try:
                reply = await opened.read_response()
            except ResponseError as error:
                command = dialogue.throw(error)
            else:
                command = dialogue.send(reply)


def _taken_from(opened: Any) -> asyncio.StreamWriter:
    """Return the stream of redis-py's connection, which is done with it. What it has read must be used up."""
    stream: asyncio.StreamWriter = opened._writer
    if stream.is_closing():  # then nobody would be told so any more
        raise RedisConnectionError("Connection closed by server.")
    opened._reader = opened._writer = None  # else it closes the stream when it is collected
    return stream


def pool_of(kind: Any, url: str, password: Password | None, retry: Any, **more: Any) -> Any:
    """Return one of redis-py's pools, of either kind with its own `retry`. `more`: what its connections take
    besides."""
    pool = kind.from_url(url, protocol=2, retry=retry, driver_info=None, **more)
    if password is not None and "password" not in pool.connection_kwargs:
        user = pool.connection_kwargs.pop("username", "")
        pool.connection_kwargs["credential_provider"] = Credentials(user, password)
    return pool


class Credentials(CredentialProvider):
    """Gives redis-py the user and the password each time it connects."""

    def __init__(self, user: str, password: Password) -> None:
        self._user = user
        self._password = password

    async def get_credentials_async(self) -> tuple[str] | tuple[str, str]:
        """Replaces CredentialProvider.get_credentials_async, which only warns that it has to be replaced."""
        return self.get_credentials()

    def get_credentials(self) -> tuple[str] | tuple[str, str]:
        """Replaces CredentialProvider.get_credentials, which has to be."""
        try:
            password = self._password()
        except (OSError, ValueError) as error:
            raise AuthenticationError(f"the password for Redis is not to be had: {error}") from error
        return (self._user, password) if self._user else (password,)
