"""The export: all that the server keeps for a person of what is theirs, and what they wrote.

What they wrote is read in short steps, room by room, so that no worker holds much of it and others wait for
nothing. Of each room it is what was there when its turn came. Rooms that the person may not read now are left
out, also where they wrote in them before.
"""

import asyncio
from typing import Any, NamedTuple

from relay import Head, Log

from chat.domain.identity import Identity
from chat.domain.kinds import kind_of
from chat.domain.messages import message_of
from chat.domain.reactions import reactions_to
from chat.domain.refusals import Refused
from chat.domain.rooms_of_people import ConnectionRooms, Rooms
from chat.people.logins import KeptLogins
from chat.people.marks import Marks, Reader
from chat.people.passkeys import Passkeys
from chat.people.reading import Reading
from chat.rooms.access import Access
from chat.rooms.descriptions import Descriptions

PAGE = 100
"""Messages read at once."""


class Step(NamedTuple):
    """What a step has found in a room. `after`: the number after which the next one goes on, up to the entry
    `until`; None: that was all."""

    messages: list[dict[str, Any]]
    after: int | None = None
    until: Head | None = None


class Export:
    def __init__(
        self,
        log: Log,
        access: Access,
        rooms: Rooms,
        descriptions: Descriptions,
        marks: Marks,
        logins: KeptLogins,
        passkeys: Passkeys,
    ) -> None:
        self._log = log
        self._access = access
        self._rooms = rooms
        self._descriptions = descriptions
        self._marks = marks
        self._logins = logins
        self._passkeys = passkeys

    async def about(self, identity: Identity) -> dict[str, Any]:
        """Return what is kept of somebody: `{person, logins, passkeys, rooms}`. It has no secret. Raises
        LogUnavailable."""
        standing, logins, passkeys, names, listed, readings = await asyncio.gather(
            self._logins.standing(identity),
            self._logins.of(identity.person.id),
            self._passkeys.of(identity.person.id),
            self._rooms.of(identity, ConnectionRooms()),
            self._descriptions.list(identity),
            self._marks.of(Reader(identity, "")),
        )
        abouts = await self._descriptions.of(identity, names, listed)
        person: dict[str, Any] = {"id": identity.person.id, "name": identity.person.name}
        record = standing.record
        if record is not None:
            person |= {"name": record.name, "role": record.role, "at": record.at}
        return {
            "person": person,
            "logins": [
                {"at": each.at, "seen": each.seen, "address": each.address, **each.device._asdict()}
                for each in logins
            ],
            "passkeys": [
                {"at": each.at, "used": each.used, "synced": each.synced, **each.device._asdict()}
                for each in passkeys
            ],
            "rooms": [
                {"room": room, "about": about, **_read(readings.get(room, Reading()))}
                for room, about in abouts.items()
            ],
        }

    async def rooms(self) -> list[str]:
        """Return the rooms in which something was written. Raises LogUnavailable."""
        return sorted(await self._log.logs())

    async def step(self, identity: Identity, room: str, after: int = 0, until: Head | None = None) -> Step:
        """Return some of what a person wrote in a room, oldest first, with whatever name they had then; their
        reactions are among it. Nothing of a room that they may not read. Raises LogUnavailable."""
        try:
            await self._access.check(identity, room)
        except Refused:
            return Step([])
        page = await self._log.read(room, after=after, limit=PAGE)
        until = until or page.head
        if page.head.epoch != until.epoch:  # it was purged meanwhile, and began anew
            return Step([])
        person = identity.person.id
        found = [
            message_of(entry) | reactions_to(entry)
            for entry in page.entries
            if entry.seq <= until.seq and person.encode() in entry.data and kind_of(entry.data).exported
        ]
        own = [each for each in found if each["author"]["id"] == person]
        last = page.entries[-1].seq if page.entries else until.seq
        return Step(own) if last >= until.seq or not page.more else Step(own, last, until)


def _read(reading: Reading) -> dict[str, Any]:
    """Return how far a room was read, in which log, and of how much in it the person is told."""
    mark = {} if reading.seq is None else {"epoch": reading.epoch, "read": reading.seq}
    return mark | {"level": reading.level}
