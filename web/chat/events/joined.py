"""Whether a client is in a room, and still is once it was answered."""

from relay import Relay

from chat.domain.refusals import Refused
from chat.domain.room_names import is_guarded
from chat.events.connection import Connection
from chat.rooms.access import Access, unknown_room


class Joined:
    def __init__(self, relay: Relay, access: Access) -> None:
        self._relay = relay
        self._access = access

    async def check(self, connection: Connection, room: str) -> None:
        """Raise Refused if the client is not in the room."""
        if not self._relay.joined(connection.sid, room):
            await self._access.check(connection.identity, room)
            raise Refused("not_joined", f"Join the room {room} first.", room=room)

    async def check_still_in(self, connection: Connection, room: str) -> None:
        """Raise Refused if the client was put out of a guarded room while it was answered. The order may
        still be on its way to this worker, and what was read may have been written after it: so the record is
        asked once more, after the reading."""
        if not is_guarded(room):
            return
        try:
            await self._access.check(connection.identity, room)
        except Refused:
            await self._relay.leave(connection.sid, room)
            raise
        if not self._relay.joined(connection.sid, room):
            raise unknown_room()
