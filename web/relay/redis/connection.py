"""A connection to Redis that hands on what Redis sends as soon as it is read.

redis-py's own connection is awaited once for each reply, which costs more than to read the reply.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import islice
from typing import Any

from hiredis import Reader
from redis.asyncio.connection import DefaultParser
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import InvalidResponse

Receive = Callable[[list[Any]], None]
"""Is given replies in their order: bytes, integers, None, lists of these. An error is a ResponseError."""
Lose = Callable[[Exception], None]
"""Is told once why nothing more will be received."""

_INCOMPLETE = object()


class Connection(asyncio.Protocol):
    def __init__(
        self, stream: asyncio.StreamWriter, receive: Receive, lose: Lose, at_most: int | None = None
    ) -> None:
        """Take over the transport of an open stream. `receive` and `lose` may not wait. If `receive`
        raises, the connection is lost. `at_most`: replies after which other tasks get a turn; None: after all
        that were read."""
        self._stream = stream  # which closes its transport when it is collected
        self._receive = receive
        self._lose = lose
        self._at_most = at_most
        self._reader = Reader(InvalidResponse, DefaultParser.parse_error, notEnoughData=_INCOMPLETE)
        self._paused = False
        self._closed = False
        stream.transport.set_protocol(self)

    def send(self, commands: bytes) -> None:
        """Send packed commands, unless the connection is lost."""
        if not self._closed:
            self._stream.write(commands)

    def close(self) -> None:
        """Close it, whether or not all was sent. Nothing more is received, and `lose` isn't called."""
        self._closed = True
        self._stream.transport.abort()

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        if not self._paused:
            self._hand_on()

    def connection_lost(self, error: Exception | None) -> None:
        self._end(RedisConnectionError(f"Connection closed by server{f': {error}' if error else ''}."))

    def _hand_on(self) -> None:
        if self._closed:
            return
        try:
            replies = list(islice(iter(self._reader.gets, _INCOMPLETE), self._at_most))
            for reply in replies:
                if isinstance(reply, RedisConnectionError):  # Redis is loading, or has too many clients
                    raise reply
            self._receive(replies)
        except Exception as error:
            self._end(error)
        else:
            self._pause(len(replies) == self._at_most)

    def _pause(self, more: bool) -> None:
        """Read nothing while the rest of what was read waits for the loop's next turn."""
        if self._closed:
            return
        if more:
            asyncio.get_running_loop().call_soon(self._hand_on)
        if more and not self._paused:
            self._stream.transport.pause_reading()  # type: ignore[attr-defined]
        elif self._paused and not more:
            self._stream.transport.resume_reading()  # type: ignore[attr-defined]
        self._paused = more

    def _end(self, error: Exception) -> None:
        if not self._closed:
            self.close()
            self._lose(error)
