"""The outbox of one room, and what sends it: one entry at a time and in order."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from relay.recovery.backoff import Backoff
from relay.recovery.connection import Answer, Connection, refusal
from relay.recovery.retry_loop import RetryLoop
from relay.recovery.room import Room, is_final

FINAL = {"invalid", "too_large", "id_taken"}
"""Refusals that sending the entry again does not change."""
HANG_UPS = 3
"""So often the server may disconnect at the same entry, until that entry counts as invalid."""


@dataclass
class Unsent:
    """An entry that the server did not acknowledge. Its id never changes: the log takes an id once, so it is
    always safe to send it again."""

    id: str
    data: Any
    answer: asyncio.Future[Answer]
    hang_ups: int = 0


class Sender:
    """The next entry waits for the answer to the one before: an entry that has to be sent again would
    otherwise come after those that were added later."""

    def __init__(
        self, room: Room, connection: Connection, refused: Callable[[Answer, dict[str, Any]], None]
    ) -> None:
        """`refused(answer, {id, data})` is called for an entry that the server will never take."""
        self._room = room
        self._connection = connection
        self._refused = refused
        self._loop = RetryLoop(self._step)
        self._backoff = Backoff(0.5, 10.0)
        self._was_live = False
        room.changed = self._room_changed
        self.outbox: dict[str, Unsent] = {}
        """By id, in the order in which they were added."""

    def add(self, data: Any) -> asyncio.Future[Answer]:
        id = secrets.token_hex(16)
        self.outbox[id] = Unsent(id, data, asyncio.get_running_loop().create_future())
        self._loop.start()
        return self.outbox[id].answer

    def settle(self, id: str, answer: Answer) -> None:
        """The entry is acknowledged, or given up."""
        if unsent := self.outbox.pop(id, None):
            if not unsent.answer.done():
                unsent.answer.set_result(answer)
            if not answer["ok"] and answer["error"] != "closed":
                self._refused(answer, {"id": id, "data": unsent.data})

    def close(self) -> None:
        """Send nothing more, and answer what was not sent."""
        self._loop.stop()
        for id in [*self.outbox]:
            self.settle(id, refusal("closed", "The room was left."))

    def _room_changed(self) -> None:
        if self._room.live and not self._was_live:
            self._loop.hurry()
        self._was_live = self._room.live

    async def _step(self) -> float | None:
        """Not before the timeline is complete: an entry whose answer was lost may already be in it."""
        if not self._room.live or not self.outbox:
            return None
        unsent = next(iter(self.outbox.values()))
        about = {"room": self._room.name, "id": unsent.id, "data": unsent.data}
        answer = await self._connection.ask("append", about)
        if answer["ok"] or is_final(answer, FINAL):
            self._backoff.reset()
            self.settle(unsent.id, answer)
            return 0.0
        if answer["error"] == "not_joined":
            self._room.rejoin()
        if answer["error"] == "unanswered" and self._connection.hung_up:
            unsent.hang_ups += 1  # it would otherwise hold up everything behind it, for ever
            if unsent.hang_ups == HANG_UPS:
                self.settle(unsent.id, refusal("invalid", "The server hangs up at it."))
                return 0.0
        # At a limit nothing is wrong, so the wait is what the server said, and does not grow.
        wait = float(answer.get("retry_after") or 0.0)
        return wait if answer["error"] == "rate_limited" and wait else self._backoff.next(wait)
