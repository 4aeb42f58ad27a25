"""The manager of a single process: what RelayManager offers, with nobody else to talk to."""

from relay.delivery.fanout import EventOf, Fanout
from relay.delivery.members import MembersManager
from relay.delivery.people import Member
from relay.delivery.presence import Presence
from relay.memory.log import MemoryLog
from relay.memory.store import MemoryStore


class LocalManager(MembersManager):
    def __init__(self, event_of: EventOf, *, keep: int = 0, dedup_ttl: int = 86_400) -> None:
        """Arguments as of RelayManager."""
        super().__init__()
        self.fanout = Fanout(event_of)
        self.log = MemoryLog(self.fanout.deliver, keep=keep, dedup_ttl=dedup_ttl)
        self.store = MemoryStore()
        self.presence = Presence(self.fanout.notify)

    async def stop(self) -> None:
        """Nothing runs, so nothing is stopped."""

    async def set_baseline(self, room: str) -> None:
        """Telling needs no beginning: every entry passes here."""

    async def arrive(self, sid: str, room: str, member: Member) -> None:
        """Put a client's member in a room."""
        self.presence.arrive(sid, room, member)

    @property
    def deserted(self) -> bool:
        """Nobody is here any more, and nobody else has to know."""
        return not self.presence.rooms

    def problem(self) -> str | None:
        """There is nothing to depend on, so nothing can be away."""
        return None

    def on_redis(self) -> None:
        """Return None: there is no Redis."""

    async def redis_info(self) -> None:
        """Return None: there is no Redis."""
