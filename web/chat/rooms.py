"""The rooms: what they may be called, how many there may be, and which a person is in.

A room is made by going there, and counts from then on. A person's rooms are those they went to and did not
leave; they are remembered until none was added for a while. Everybody is in the lobby, which is neither
counted nor remembered.
"""

import re
from typing import Any

from relay import Place, Store

from chat.identity import Identity
from chat.refusals import Refused

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")

LOBBY = "lobby"

REMEMBERED = 180 * 86_400, 86_400
"""Seconds for which a person's rooms are remembered after they last went to another: of one who has a cookie,
and of one who is somebody else with the next connection."""

ALL = "rooms"


class Rooms:
    def __init__(self, store: Store, per_person: int, in_all: int) -> None:
        self._store = store
        self.per_person = per_person
        self._in_all = in_all

    async def enter(self, identity: Identity, room: str) -> None:
        """Count the room and remember that the person is in it. Raises Refused when there are too many."""
        if room == LOBBY:
            return
        theirs = Place(_of(identity), self.per_person, REMEMBERED[not identity.lasting])
        full = await self._store.add(room, theirs, Place(ALL, self._in_all))
        if full == ALL:
            raise Refused("limit", f"There are {self._in_all} rooms already, and no more can be made.")
        if full is not None:
            raise Refused(
                "limit", f"You are in {self.per_person} rooms, the most there can be. Leave one first."
            )

    async def leave(self, identity: Identity, room: str) -> None:
        """Forget that the person is in it."""
        await self._store.remove(_of(identity), room)

    async def of(self, identity: Identity) -> list[str]:
        """The person's rooms in order, the lobby first."""
        return [LOBBY, *sorted(await self._store.members(_of(identity)))]


def _of(identity: Identity) -> str:
    return f"rooms of {identity.person.id}"


def check_room(room: Any) -> str:
    """Return the room's name. Raises Refused."""
    if not isinstance(room, str):
        raise Refused("invalid", "A room is named by a text.")
    if not NAME.fullmatch(room):
        raise Refused("no_such_room", "A room's name has only a–z, 0–9 and hyphens, at most 32.")
    return room
