"""A room: keeps its timeline complete. Joins after each connect, and fetches what is missing."""

from collections.abc import Callable
from typing import Any

from relay.recovery.backoff import Backoff
from relay.recovery.connection import Answer, Connection, refusal
from relay.recovery.retry_loop import RetryLoop
from relay.recovery.timeline import Timeline

PAGE = 200
"""The most that the server gives at once."""


def is_final(answer: Answer, errors: set[str]) -> bool:
    """Whether asking again does not change a refusal."""
    error = answer.get("error")
    return error in errors or (error == "forbidden" and not answer.get("retry_after"))


class Room:
    """A listener of the connection."""

    def __init__(
        self,
        name: str,
        connection: Connection,
        timeline: Timeline,
        refused: Callable[[Answer], None],
    ) -> None:
        """`refused` is called when the server won't let the client in."""
        self.name = name
        self.timeline = timeline
        self.joined = False
        self._connection = connection
        self.changed: Callable[[], None] = lambda: None
        """Called when `live` may have changed."""
        self._refused = refused
        self._loop = RetryLoop(self._sync)
        self._backoff = Backoff(0.5, 10.0)
        connection.listeners.append(self)
        if connection.connected:
            self.rejoin()

    def close(self) -> None:
        """Stop keeping it complete."""
        self._connection.listeners.remove(self)
        self._loop.stop()
        self.down()

    @property
    def live(self) -> bool:
        """Connected, joined, and nothing is missing."""
        return self._connection.connected and self.joined and not self.timeline.behind

    def rejoin(self) -> None:
        """Join again, and fetch what came meanwhile."""
        self.joined = False
        self.changed()
        self._loop.hurry()

    up = rejoin

    def down(self) -> None:
        self.joined = False
        # The next join answers with what came meanwhile, perhaps from a new log.
        self.timeline.forget_waiting()
        self.changed()

    def receive(self, entry: dict[str, Any]) -> None:
        if entry["room"] != self.name:
            return
        # A log gets its epoch with its first entry. Until then it is "".
        if self.timeline.epoch == "":
            self.timeline.epoch = entry["epoch"]
        if self.timeline.epoch not in (None, entry["epoch"]) or not self.timeline.add(entry):
            self.rejoin()
        elif self.timeline.behind:
            self._loop.start()

    async def _sync(self) -> float | None:
        if not self._connection.connected or self.live:
            return None
        answer = await (self._fetch() if self.joined else self._join())
        self.changed()
        if answer["ok"]:
            self._backoff.reset()
            return 0.0
        if is_final(answer, {"invalid"}):
            self._refused(answer)
            return None
        return self._backoff.next(answer.get("retry_after") or 0.0)

    async def _join(self) -> Answer:
        epoch, high = self.timeline.epoch, self.timeline.high
        place = {} if epoch is None else {"after": high, "epoch": epoch}
        answer = await self._connection.ask("join", {"room": self.name, **place})
        if not answer["ok"]:
            return answer
        if epoch is None:
            self.timeline.start(answer["epoch"], answer["head"], answer["entries"])
        elif answer.get("reset") or answer["epoch"] != epoch:
            self.timeline.clear()  # and join once more
        else:
            self.timeline.extend(answer["entries"], answer["head"])
        self.joined = self.timeline.epoch is not None
        return answer

    async def _fetch(self) -> Answer:
        epoch, high = self.timeline.epoch, self.timeline.high
        answer = await self._connection.ask("history", {"room": self.name, "after": high, "limit": PAGE})
        if not answer["ok"]:
            return answer
        if answer["entries"] and answer["epoch"] == epoch:
            self.timeline.extend(answer["entries"])
            return answer
        # The log lacks an entry that was announced, so the announcement was about another log.
        self.timeline.forget_waiting()
        self.joined = False
        return refusal("unavailable", "The log lacks what was announced.")
