"""Rooms: what they may be called, and which a person is in.

A room exists once something is written in it (see MessageRateLimit); to join one creates nothing. A person's
rooms are those they joined and did not leave. With a cookie they are kept in the store, until none was added
for a while. Without one they are kept by the worker, until the connection ends. The same holds for a new
person at an address that had too many new people today: they lose nothing else by it, and earlier people lose
nothing at all.
Everybody is in the lobby. It is neither counted nor remembered.
"""

import re
from typing import Any

from relay import BoundedSet, Quota, Store

from chat.domain.identity import Identity
from chat.domain.refusals import Refused

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")

LOBBY = "lobby"

REMEMBERED = 30 * 86_400
"""Seconds for which a person's rooms are remembered after the last was added."""
NEW_PEOPLE = 15, 86_400
"""New people of an address whose rooms are remembered, and within how many seconds, for each person whose
messages it may send. Anybody can get any number of cookies, and each is a person."""


class Rooms:
    def __init__(self, store: Store, per_person: int, people_per_address: int) -> None:
        self._store = store
        self.per_person = per_person
        self._people_per_address = people_per_address
        self._passing: dict[str, set[str]] = {}  # by connection

    async def enter(self, identity: Identity, sid: str, address: str, room: str) -> None:
        """Remember that the person, by this connection from this address, is in a room. Raises Refused when
        they are in too many."""
        if room == LOBBY:
            return
        if identity.lasting and sid not in self._passing and await self._remembers(identity, address):
            own = BoundedSet(_of(identity), self.per_person, REMEMBERED)
            full = await self._store.add(room, own) is not None
        else:
            rooms = self._passing.setdefault(sid, set())
            full = room not in rooms and len(rooms) >= self.per_person
            rooms |= set() if full else {room}
        if full:
            raise Refused(
                "limit",
                f"You are in {self.per_person} rooms, the most there can be. Leave one first.",
                reason="rooms_of_person",
                most=self.per_person,
            )

    async def leave(self, identity: Identity, sid: str, room: str) -> None:
        """Forget that the person is in it."""
        self._passing.get(sid, set()).discard(room)
        if identity.lasting:
            await self._store.remove(_of(identity), room)

    def gone(self, sid: str) -> None:
        """The connection has ended."""
        self._passing.pop(sid, None)

    async def of(self, identity: Identity, sid: str) -> list[str]:
        """The person's rooms in order, the lobby first."""
        rooms = await self._store.members(_of(identity)) if identity.lasting else set()
        return [LOBBY, *sorted(rooms | self._passing.get(sid, set()))]

    async def _remembers(self, identity: Identity, address: str) -> bool:
        """Whether the person's rooms are remembered, from now on if they were not before."""
        if await self._store.members(_of(identity)):
            return True
        new, within = NEW_PEOPLE
        quota = Quota(f"remembered from {address}", new * self._people_per_address, within)
        return await self._store.take(quota) is None


def _of(identity: Identity) -> str:
    return f"rooms of {identity.person.id}"


def check_room(room: Any) -> str:
    """Return the room's name. Raises Refused."""
    if not isinstance(room, str):
        raise Refused("invalid", "A room is named by a text.")
    if not NAME.fullmatch(room):
        raise Refused("no_such_room", "A room's name has only a–z, 0–9 and hyphens, at most 32.")
    return room
