"""A batch: requests that a link sends together, and the replies to them, matched by their number."""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic
from typing import Any, Protocol

from redis.exceptions import ConnectionError as RedisConnectionError

from relay.log.log import LogUnavailable

MOST = 256
"""Entries to append and other commands in a batch at most, about. Each takes Redis about 25 µs, so other
clients wait for a few milliseconds."""


class Request(Protocol):
    """What a link sends for somebody who waits. `deadline`: when they give up, on the loop's clock."""

    deadline: float

    @property
    def replies(self) -> int:
        """How many there will be."""

    @property
    def size(self) -> int:
        """How much of a batch it is; see MOST."""

    @property
    def done(self) -> bool:
        """Whether it has its answer, or nobody waits for one any more."""

    def packed(self) -> bytes:
        """Return its commands, as they are when it is sent. May be called again, if the connection breaks."""

    def answer(self, replies: list[Any]) -> None:
        """Give it its replies. It may be done."""

    def fail(self, trouble: str) -> None:
        """Say that it gets no answer."""


class Commands:
    """A request of one caller, who awaits `replied`."""

    __slots__ = ("_packed", "deadline", "replied", "replies", "size")

    def __init__(
        self, packed: bytes, replies: int, deadline: float, replied: asyncio.Future[list[Any]]
    ) -> None:
        self._packed = packed
        self.replies = self.size = replies
        self.deadline = deadline
        self.replied = replied

    @property
    def done(self) -> bool:
        return self.replied.done()

    def packed(self) -> bytes:
        return self._packed

    def answer(self, replies: list[Any]) -> None:
        if not self.replied.done():
            self.replied.set_result(replies)

    def fail(self, trouble: str) -> None:
        if not self.replied.done():
            self.replied.set_exception(LogUnavailable(trouble))


class Batch:
    def __init__(self, requests: list[Request], deadline: float, reused: bool) -> None:
        """`deadline`: on the loop's clock. `reused`: whether its connection is from an earlier batch."""
        self.requests = requests
        self.deadline = deadline
        self.reused = reused
        self._began = monotonic()
        self._expected = sum([request.replies for request in requests])
        self._replies: list[Any] = []

    def packed(self) -> bytes:
        """Return all commands, in order; the replies to what was sent before count no more."""
        self._replies.clear()
        return b"".join([request.packed() for request in self.requests])

    def receive(self, replies: list[Any]) -> bool:
        """Return whether all replies are here now. Raises redis-py's ConnectionError if there are more."""
        self._replies += replies
        if len(self._replies) > self._expected:
            raise RedisConnectionError("Redis answered what nobody asked.")
        return len(self._replies) == self._expected

    def answer(self) -> None:
        """Give each caller its replies, once all are here."""
        first = 0
        for request in self.requests:
            end = first + request.replies
            request.answer(self._replies[first:end])
            first = end

    def seconds(self) -> float:
        """Return the seconds since it was made."""
        return monotonic() - self._began


def next_requests(waiting: deque[Request]) -> list[Request]:
    """Take the requests for the next batch, the oldest first."""
    requests: list[Request] = []
    size = 0
    while waiting and size < MOST:
        request = waiting.popleft()
        if not request.done:  # else its caller gave up, and must not see it done later
            requests.append(request)
            size += request.size
    return requests
