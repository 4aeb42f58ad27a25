"""Archiving: a room is closed for good, or until it is brought back. What is in it stays, and can be read.

A field of the room's record says so. The append of a message looks for it, and so does the change by which
somebody becomes a member: from the moment in which it is written nobody writes there, on any worker.
"""

from relay import LogUnavailable, Records

from chat.domain.identity import Identity
from chat.domain.room_names import is_guarded
from chat.rooms import directory, room_record
from chat.rooms.access import Access, Known
from chat.rooms.room_record import ABOUT

TRIES = 8
"""How often a change is tried at most. It is tried again when somebody else changed the same meanwhile."""


class Archiving:
    def __init__(self, records: Records, access: Access) -> None:
        self._records = records
        self._access = access

    async def archive(self, by: Identity, room: str, archived: bool) -> Known:
        """Archive a room, or bring it back. Returns the room as it is then. May be called again. Raises
        Refused if this person may not, and LogUnavailable."""
        for _ in range(TRIES):
            await self._access.check_archiving(by, room)
            (found,) = await self._records.read(room_record.ask(room))
            changes = [room_record.archive(room, archived)]
            if not is_guarded(room):
                changes.append(directory.archiving(room, archived))
            # What is expected keeps a room from being half there that has ended meanwhile.
            expected = [room_record.expect(room, found.get(ABOUT))]
            if await self._records.change(room, *changes, expect=expected):
                return (await self._access.look(by, room))._replace(archived=archived)
        raise LogUnavailable("The room was changed by others each time.")
