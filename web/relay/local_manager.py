"""The manager of a single process: what RelayManager offers, without Redis and other workers."""

from relay.delivery.fanout import EventOf, Fanout
from relay.delivery.members import MembersManager
from relay.delivery.people import Member
from relay.delivery.presence import Presence
from relay.memory.log import MemoryLog
from relay.memory.store import MemoryStore
from relay.options import Options


class LocalManager(MembersManager):
    def __init__(self, event_of: EventOf, options: Options) -> None:
        super().__init__()
        self.options = options
        self.fanout = Fanout(event_of)
        self.log = MemoryLog(self.fanout.deliver, keep=options.keep, dedup_ttl=options.dedup_ttl)
        self.store = MemoryStore()
        self.presence = Presence(
            self.fanout.notify, window=options.presence_window, grace=options.presence_grace
        )

    async def stop(self) -> None:
        """Do nothing: nothing runs."""

    async def set_baseline(self, room: str) -> None:
        """Do nothing: every entry passes here."""

    async def arrive(self, sid: str, room: str, member: Member) -> None:
        """Put a client's member in a room."""
        self.presence.arrive(sid, room, member)

    @property
    def deserted(self) -> bool:
        """Whether no member is here any more, not even in its grace."""
        return not self.presence.rooms

    def problem(self) -> str | None:
        """Return None: there is nothing that could fail."""
        return None

    def on_redis(self) -> None:
        """Return None: there is no Redis."""

    async def redis_info(self) -> None:
        """Return None: there is no Redis."""
