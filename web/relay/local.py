"""The manager of a single process: what RelayManager offers, with nobody else to talk to."""

from relay.fanout import EventOf, Fanout
from relay.members import MembersManager
from relay.memory import MemoryLog


class LocalManager(MembersManager):
    def __init__(self, event_of: EventOf, *, keep: int = 0, window: int = 86_400) -> None:
        """Arguments as of RelayManager."""
        super().__init__()
        self.fanout = Fanout(event_of)
        self.log = MemoryLog(self.fanout.tell, keep=keep, window=window)

    async def stop(self) -> None:
        """Nothing runs, so nothing is stopped."""

    async def anchor(self, room: str) -> None:
        """Telling needs no beginning: every entry passes here."""

    def problem(self) -> str | None:
        """There is nothing to depend on, so nothing can be away."""
        return None
