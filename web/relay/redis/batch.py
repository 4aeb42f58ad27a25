"""A batch: requests that a link sends together, and the replies to them, matched by their number."""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic
from typing import Any, Protocol

from hiredis import pack_command
from redis.exceptions import ConnectionError as RedisConnectionError

from relay.log.log import LogUnavailable

MOST = 256
"""Entries to append and other commands in a batch at most, about. Each takes Redis about 25 µs, so other
clients wait for a few milliseconds."""


CONFIRM = 300
"""Milliseconds that replicas have to receive what a batch wrote, and again to write it. Who waits behind such
a batch, and in the next one, still learns in time that they did not."""


class Request(Protocol):
    """What a link sends for somebody who waits."""

    @property
    def deadline(self) -> float:
        """When they give up, on the loop's clock."""

    @property
    def replies(self) -> int:
        """How many there will be."""

    @property
    def size(self) -> int:
        """How much of a batch it is; see MOST."""

    @property
    def done(self) -> bool:
        """Whether it has its answer, or nobody waits for one any more."""

    @property
    def writes(self) -> bool:
        """Whether something has to be on disk once it is answered."""

    @property
    def once(self) -> bool:
        """Whether it is not sent again if the connection breaks, since it may have been done."""

    def packed(self) -> bytes:
        """Return its commands, as they are when it is sent. May be called again, if the connection breaks."""

    def answer(self, replies: list[Any]) -> None:
        """Give it its replies. It may be done."""

    def fail(self, trouble: str) -> None:
        """Say that it gets no answer."""


class Commands:
    """A request of one caller, who awaits `replied`."""

    __slots__ = ("_packed", "deadline", "once", "replied", "replies", "size", "writes")

    def __init__(
        self,
        packed: bytes,
        replies: int,
        deadline: float,
        replied: asyncio.Future[list[Any]],
        *,
        writes: bool = True,
        once: bool = False,
    ) -> None:
        """`writes`, `once`: as of Request."""
        self._packed = packed
        self.replies = self.size = replies
        self.deadline = deadline
        self.replied = replied
        self.writes = writes
        self.once = once

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
    def __init__(self, requests: list[Request], deadline: float, reused: bool, replicas: int = 0) -> None:
        """`deadline`: on the loop's clock. `reused`: whether its connection is from an earlier batch.
        `replicas`: how many have to have on disk what it writes."""
        self.requests = requests
        self.deadline = deadline
        self.reused = reused
        self._count(replicas)
        self._began = monotonic()
        self._replies: list[Any] = []

    def _count(self, replicas: int) -> None:
        self._replicas = replicas if replicas and any(request.writes for request in self.requests) else 0
        self._expected = sum([request.replies for request in self.requests]) + (2 if self._replicas else 0)

    def repeat(self, trouble: str) -> bool:
        """Keep what may be sent again over a new connection, and fail the rest. Returns whether there is
        anything to send."""
        self.reused = False
        for request in self.requests:
            if request.once:
                request.fail(trouble)
        self.requests = [request for request in self.requests if not request.once]
        self._count(self._replicas)
        return bool(self.requests)

    def packed(self) -> bytes:
        """Return all commands, in order; the replies to what was sent before count no more."""
        self._replies.clear()
        packed = b"".join([request.packed() for request in self.requests])
        if not self._replicas:
            return packed
        return packed + confirmation(self._replicas)

    def receive(self, replies: list[Any]) -> bool:
        """Return whether all replies are here now. Raises redis-py's ConnectionError if there are more."""
        self._replies += replies
        if len(self._replies) > self._expected:
            raise RedisConnectionError("Redis answered what nobody asked.")
        return len(self._replies) == self._expected

    def answer(self) -> None:
        """Give each caller its replies, once all are here."""
        lacking = self._lacking()
        first = 0
        for request in self.requests:
            end = first + request.replies
            replies = self._replies[first:end]
            # What was refused was not written, so nobody has to confirm it.
            if lacking and request.writes and not any(isinstance(reply, Exception) for reply in replies):
                request.fail(lacking)
            else:
                request.answer(replies)
            first = end

    def _lacking(self) -> str:
        """Return why what was written does not count as done, if it does not."""
        return unconfirmed(self._replies[-1], self._replicas) if self._replicas else ""

    def seconds(self) -> float:
        """Return the seconds since it was made."""
        return monotonic() - self._began


def confirmation(replicas: int) -> bytes:
    """Return the two commands, packed, that wait until so many replicas have on disk what was written."""
    # In this order: WAITAOF alone is slow (see cluster/link.py). Both count this connection's own writes.
    received = pack_command(("WAIT", replicas, CONFIRM))  # type: ignore[arg-type]
    on_disk = pack_command(("WAITAOF", 1, replicas, CONFIRM))  # type: ignore[arg-type]
    return b"".join((received, on_disk))


def unconfirmed(kept: Any, replicas: int) -> str:
    """Return why what was written does not count as done, if it does not. `kept`: the last reply to
    `confirmation`."""
    if isinstance(kept, Exception):
        return f"Redis refused to wait for replicas: {kept}"
    local, on_disk = kept
    if local >= 1 and on_disk >= replicas:
        return ""
    return f"Of {replicas} replicas only {on_disk} have it on disk."


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
