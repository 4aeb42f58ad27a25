"""A routed request: one that may be answered by another node than it was sent to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from redis.exceptions import AskError, ClusterDownError, ReadOnlyError, TryAgainError

from relay.redis.batch import Request

AWAY = (AskError, ClusterDownError, ReadOnlyError, TryAgainError)
"""What a node replies that has not all keys of a slot: it has other slots (MOVED, an AskError), gives this
one away just now (ASK, TRYAGAIN), has become a replica (READONLY), or is cut off from the other nodes
(CLUSTERDOWN). Nothing was done then. The new node is not asked for a slot that is on its way (ASKING):
scripts name keys that need not exist, and either node answers TRYAGAIN where one is missing."""


class RoutedRequest:
    """A Request of a link. What its node does not have is sent once more, to the node that has it by then."""

    def __init__(
        self,
        request: Request,
        slot: int,
        number: int,
        landed: Callable[[RoutedRequest], None],
        send_again: Callable[[RoutedRequest], None],
    ) -> None:
        """`number`: of two requests, the one that was made first has the lower. `landed`: called whenever its
        link is done with it. `send_again`: sends it soon, wherever the slot is then."""
        self.slot = slot
        self.number = number
        self._request = request
        self._landed = landed
        self._send_again = send_again
        self._called_back = False
        self.sent = False
        """Whether its link has sent it."""

    @property
    def deadline(self) -> float:
        return self._request.deadline

    @property
    def replies(self) -> int:
        return self._request.replies

    @property
    def size(self) -> int:
        return self._request.size

    @property
    def writes(self) -> bool:
        return self._request.writes

    @property
    def once(self) -> bool:
        return self._request.once

    @property
    def done(self) -> bool:
        return self._called_back or self._request.done

    def packed(self) -> bytes:
        self.sent = True
        return self._request.packed()

    def call_back(self) -> RoutedRequest:
        """Have its link drop it, and return the same request once more. It may not be sent yet."""
        self._called_back = True
        return RoutedRequest(self._request, self.slot, self.number, self._landed, self._send_again)

    def answer(self, replies: list[Any]) -> None:
        self._landed(self)
        if any(isinstance(reply, AWAY) for reply in replies) and not self._overdue():
            self._send_again(self)
        else:
            self._request.answer(replies)

    def fail(self, trouble: str) -> None:
        self._landed(self)
        self._request.fail(trouble)

    def give_up(self, trouble: str) -> None:
        """Fail while no link has it."""
        self._request.fail(trouble)

    def _overdue(self) -> bool:
        return asyncio.get_running_loop().time() >= self._request.deadline
