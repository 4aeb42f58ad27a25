"""Turns: requests about one slot are done in the order in which they were made, also while the slot moves to
another node. Those of several slots do not wait for each other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from weakref import WeakSet

from relay.redis.cluster.routed import RoutedRequest
from relay.redis.link import Link

PAUSE = 0.05
"""Seconds until a request is sent again whose slot is on its way to another node."""


class Turns:
    """Knows what is on its way about each slot, and what waits to be sent."""

    def __init__(self, send: Callable[[RoutedRequest], None]) -> None:
        """`send`: sends a request that was held, or holds it once more."""
        self._send = send
        self._held: dict[int, list[RoutedRequest]] = {}  # by slot
        # By slot: the link that has requests, and those. Of what its caller gave up a link says nothing.
        self._flying: dict[int, tuple[Link, WeakSet[RoutedRequest]]] = {}

    def wait_before(self, slot: int) -> bool:
        """Return whether requests about a slot wait, before which no other may be sent."""
        return slot in self._held

    def begin(self, request: RoutedRequest, link: Link) -> bool:
        """Begin a request over a link, and return True; or return False: not while others are on their way
        over another link, since these may come back to be sent again."""
        over, flying = self._flying.get(request.slot) or (link, WeakSet())
        if over is not link:
            if not _all_done(flying):
                return False
            flying = WeakSet()
        flying.add(request)
        self._flying[request.slot] = link, flying
        return True

    def land(self, request: RoutedRequest) -> None:
        """Say that a link is done with a request."""
        _, flying = self._flying.get(request.slot, (None, None))
        if flying is not None:
            flying.discard(request)
            if not flying:
                del self._flying[request.slot]

    def hold(self, request: RoutedRequest) -> None:
        """Send a request soon, in its turn: those of its slot that a link was to send next wait behind it."""
        slot = request.slot
        if slot not in self._held:
            self._held[slot] = []
            asyncio.get_running_loop().call_later(PAUSE, self._release, slot)
        self._held[slot].append(request)
        _, flying = self._flying.get(slot, (None, ()))
        for other in [other for other in flying if not other.sent]:
            self.land(other)
            if not other.done:
                self._held[slot].append(other.call_back())

    def idle(self) -> bool:
        """Return whether nothing is on its way, and nothing waits."""
        return not self._flying and not self._held

    def _release(self, slot: int) -> None:
        """Send what waits for a slot, unless something is still on its way there that may come back, and was
        made before."""
        held = sorted(self._held.pop(slot), key=lambda request: request.number)
        waiting = [request for request in held if not request.done]
        _, flying = self._flying.get(slot, (None, ()))
        if not _all_done(flying):
            self._held[slot] = waiting
            asyncio.get_running_loop().call_later(PAUSE, self._release, slot)
            return
        for request in waiting:
            if slot in self._held:  # one that was made before has to wait once more
                self._held[slot].append(request)
            else:
                self._send(request)


def _all_done(flying: Iterable[RoutedRequest]) -> bool:
    return all(request.done for request in flying)
