"""The manager of a single process: what RelayManager offers, with nobody else to talk to."""

import socketio

from relay.fanout import EventOf, Fanout
from relay.memory import MemoryLog


class LocalManager(socketio.AsyncManager):  # type: ignore[misc]
    def __init__(self, event_of: EventOf, *, keep: int = 0, window: int = 86_400) -> None:
        """Arguments as of RelayManager."""
        super().__init__()
        self.log = MemoryLog(Fanout(self, event_of).tell, keep=keep, window=window)

    async def stop(self) -> None:
        """Nothing runs, so nothing is stopped."""

    async def anchor(self, room: str) -> None:
        """Telling needs no beginning: every entry passes here."""

    def problem(self) -> str | None:
        """There is nothing to depend on, so nothing can be away."""
        return None
