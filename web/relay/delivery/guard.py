"""The guard: whether the members of a guarded room on this worker are certain to have the right to be there.

A membership ends by an order that comes over the room's channel, before what is appended later (see
redis/orders.py). A channel loses what is published while its subscription is down, and then nobody here knows
whether an order was among it. So a guarded room is in doubt from then on: live entries and volatile events
are not delivered, until the application has been asked which of its members may stay. The same question is
asked before anything is delivered that was read from the log: that may have been appended after an order
which is still on its way.

Which rooms are guarded is the application's to say. No other room is ever in doubt.
"""

from collections.abc import Awaitable, Callable

Guarded = Callable[[str], bool]
"""Whether a room is guarded, by its name. It never changes, and may not wait."""
Check = Callable[[str], Awaitable[None]]
"""Asks which members of a room on this worker may stay, and ends the membership of the others. Raises
LogUnavailable."""


async def _check_nothing(room: str) -> None:
    """Do nothing: no room is guarded."""


class Guard:
    def __init__(self) -> None:
        self._guarded: Guarded = lambda room: False
        self._check: Check = _check_nothing
        self._doubts: dict[str, object] = {}

    def set(self, guarded: Guarded, check: Check) -> None:
        """Guard rooms from now on."""
        self._guarded, self._check = guarded, check

    def doubt(self, room: str) -> None:
        """Learn that an order may have been missed."""
        if self._guarded(room):
            self._doubts[room] = object()

    def doubts(self, room: str) -> bool:
        """Return whether the room's members have still to be asked about."""
        return room in self._doubts

    def forget(self, room: str) -> None:
        """Learn that nobody is in the room any more."""
        self._doubts.pop(room, None)

    async def verify(self, room: str) -> None:
        """Return once every member here had the right to be in the room after this was called. A room that
        is not guarded is not asked about. Raises LogUnavailable; the doubt stays then."""
        if not self._guarded(room):
            return
        doubt = self._doubts.get(room)
        await self._check(room)
        if self._doubts.get(room) is doubt:  # else another order may have been missed meanwhile
            self.forget(room)
