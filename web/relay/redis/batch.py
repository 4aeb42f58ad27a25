"""A batch: requests that a link sends together, and the replies to them, matched by their number."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from time import monotonic
from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError

MOST = 256
"""Requests in a batch at most. Each takes Redis about 25 µs, so other clients wait for a few milliseconds."""


@dataclass(slots=True)
class Request:
    packed: bytes
    replies: int
    deadline: float
    """When its caller gives up, on the loop's clock."""
    answer: asyncio.Future[list[Any]]


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
        return b"".join([request.packed for request in self.requests])

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
            if not request.answer.done():
                request.answer.set_result(self._replies[first:end])
            first = end

    def seconds(self) -> float:
        """Return the seconds since it was made."""
        return monotonic() - self._began


def next_requests(waiting: deque[Request]) -> list[Request]:
    """Take the requests for the next batch, the oldest first."""
    requests: list[Request] = []
    while waiting and len(requests) < MOST:
        request = waiting.popleft()
        if not request.answer.done():  # else its caller gave up, and must not see it done later
            requests.append(request)
    return requests
