"""The manager of a single process: what RelayManager offers, with nobody else to talk to."""

import socketio

from relay.fanout import NAMESPACE, EventOf, Fanout, group, relayed
from relay.memory import MemoryLog
from relay.memory_store import MemoryStore
from relay.presence import Member, Presence


class LocalManager(socketio.AsyncManager):  # type: ignore[misc]
    def __init__(self, event_of: EventOf, *, keep: int = 0, window: int = 86_400) -> None:
        """Arguments as of RelayManager."""
        super().__init__()
        fanout = Fanout(self, event_of)
        self.log = MemoryLog(fanout.tell, keep=keep, window=window)
        self.store = MemoryStore()
        self.presence = Presence(fanout.emit)

    async def stop(self) -> None:
        """Nothing runs, so nothing is stopped."""

    async def anchor(self, room: str) -> None:
        """Telling needs no beginning: every entry passes here."""

    async def arrive(self, sid: str, room: str, member: Member) -> None:
        """Put a client's member in a room."""
        self.presence.arrive(sid, room, member)

    def basic_leave_room(self, sid: str, namespace: str, room: str | None) -> None:
        """Extends BaseManager.basic_leave_room, which every way out of a room passes, a disconnect too."""
        super().basic_leave_room(sid, namespace, room)
        if (name := relayed(namespace, room)) is not None:
            self.presence.depart(sid, name)

    async def expel(self, name: str) -> None:
        """Disconnect every client of a group."""
        for sid, _ in list(self.get_participants(NAMESPACE, group(name))):
            await self.server.disconnect(sid, NAMESPACE, ignore_queue=True)

    def problem(self) -> str | None:
        """There is nothing to depend on, so nothing can be away."""
        return None
