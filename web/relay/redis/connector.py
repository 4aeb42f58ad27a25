"""The connector makes each connection to Redis, for the link and for the bus.

Redis may get another password while the workers run, so each connection asks for it anew. A worker that is
refused tries again, as after any failure and with the same pauses, and then has the new password.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from redis.asyncio.connection import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.credentials import CredentialProvider
from redis.exceptions import AuthenticationError

CONNECT = 1.0
"""Seconds that connecting may take."""


class Connection(Protocol):
    """What is used of redis-py's connections; its own declaration leaves most of it untyped."""

    async def connect(self) -> None: ...
    async def send_command(self, *args: Any, **kwargs: Any) -> None: ...
    async def send_packed_command(self, command: Iterable[bytes], check_health: bool = True) -> None: ...
    async def read_response(self) -> Any: ...
    async def disconnect(self, nowait: bool = False) -> None: ...


Connect = Callable[[], Connection]
Password = Callable[[], str]
"""Returns the password as it is now. May raise OSError or ValueError."""


def connector(url: str, password: Password | None = None) -> Connect:
    """Return a function that makes connections to `url` (redis://, rediss:// or unix://), not yet connected.

    A password in the URL wins over `password`. Of redis-py's timeouts only the one for connecting is used:
    the users of a connection limit each exchange as a whole.
    """
    once = Retry(NoBackoff(), 0)
    pool = pool_of(ConnectionPool, url, password, once, socket_timeout=None, socket_connect_timeout=CONNECT)
    make: Connect = pool.make_connection
    return make


def pool_of(kind: Any, url: str, password: Password | None, retry: Any, **timeouts: float | None) -> Any:
    """Return one of redis-py's pools, of either kind with its own `retry`."""
    pool = kind.from_url(url, protocol=2, retry=retry, driver_info=None, **timeouts)
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
