"""The manager of a single process: what RelayManager offers, without Redis and other workers."""

import logging

from relay.connections import Connections
from relay.delivery.fanout import EventOf, Fanout
from relay.delivery.members import MembersManager
from relay.delivery.people import Member
from relay.delivery.presence import Presence
from relay.log.log import Entry
from relay.memory.log import MemoryLog
from relay.memory.records import MemoryRecords
from relay.memory.store import MemoryStore
from relay.options import Options
from relay.values import Values

logger = logging.getLogger(__name__)

OTHER_KIND = (
    "append or emit_volatile reached nobody: the room has no member, but clients entered a room of "
    "python-socketio with the same name by enter_room. These are two kinds of rooms: let clients in by "
    "relay.join, or emit by server.emit. (Said once.)"
)


async def nobody_is_silent(workers: list[str]) -> set[str]:
    """Return no worker: there is this one only."""
    return set()


class LocalManager(MembersManager):
    def __init__(self, event_of: EventOf, options: Options) -> None:
        super().__init__()
        self.options = options
        self.fanout = Fanout(event_of)
        self.store = MemoryStore()
        self.records = MemoryRecords()
        self.values = Values(self.records)
        self.connections = Connections(self.values, "", nobody_is_silent)
        self.log = MemoryLog(self._deliver, self.records, keep=options.keep, dedup_ttl=options.dedup_ttl)
        self._warned = False
        self.presence = Presence(
            self.fanout.notify, window=options.presence_window, grace=options.presence_grace
        )

    async def enter_room(
        self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None
    ) -> None:
        """Extends AsyncManager.enter_room, which raises KeyError for a client that has gone. With several
        workers it enters nothing: nobody knows whether it is at another one."""
        if room is None or self.is_here(sid, namespace):
            await super().enter_room(sid, namespace, room, eio_sid=eio_sid)

    def check_kind(self, room: str) -> None:
        """Warn, once, if only python-socketio's room of this name has clients. RelayManager can't tell: the
        relay room's members may be at another worker."""
        if not self._warned and room not in self.fanout and self.namespaces_with(room):
            self._warned = True
            logger.warning(OTHER_KIND)

    def _deliver(self, entry: Entry) -> None:
        self.check_kind(entry.room)
        self.fanout.deliver(entry)

    async def examine(self) -> None:
        """Do nothing: there is no Redis."""

    async def stop(self) -> None:
        """Take out what is left in connections: nothing else runs."""
        await self.connections.end()

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

    def check_listens(self) -> None:
        """Do nothing: every entry passes here."""

    @property
    def interruptions(self) -> int:
        """0: nothing is told to other workers."""
        return 0

    def on_redis(self) -> None:
        """Return None: there is no Redis."""

    def away(self) -> list[str]:
        """Return nothing: there are no shards."""
        return []

    def lacks(self) -> list[str]:
        """Return nothing: there is no cluster."""
        return []

    async def redis_info(self) -> None:
        """Return None: there is no Redis."""
