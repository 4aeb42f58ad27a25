"""The rooms that a person is in.

A room exists once something is written in it (see MessageRateLimit); to join one creates nothing. A person's
rooms are those they joined and did not leave. With a cookie they are kept in the store, until none was added
for a while. Without one they are kept by the worker, until the connection ends. The same holds for a new
person at an address that had too many new people today: they lose nothing else by it, and earlier people lose
nothing at all.
Everybody is in the lobby. It is neither counted nor remembered.
"""

from relay import BoundedSet, Quota, Store

from chat.domain.identity import Identity
from chat.domain.refusals import Refused
from chat.domain.room_names import LOBBY

REMEMBERED = 30 * 86_400
"""Seconds for which a person's rooms are remembered after the last was added."""
NEW_PEOPLE = 15, 86_400
"""New people of an address whose rooms are remembered, and within how many seconds, for each person whose
messages it may send. Anybody can get any number of cookies, and each is a person."""


class ConnectionRooms:
    """The rooms of one connection that the store does not remember; they are forgotten with it. Once used, it
    is used until the connection ends."""

    __slots__ = ("joined", "used")

    def __init__(self) -> None:
        self.joined: set[str] = set()
        self.used = False


class Rooms:
    def __init__(self, store: Store, per_person: int, people_per_address: int) -> None:
        self._store = store
        self.per_person = per_person
        self._people_per_address = people_per_address

    async def enter(self, identity: Identity, own: ConnectionRooms, address: str, room: str) -> None:
        """Note that a person at this address is in a room. `own`: the rooms of the connection. Raises Refused
        when they are in too many."""
        if room == LOBBY:
            return
        if identity.lasting and not own.used and await self._remembers(identity, address):
            remembered = BoundedSet(_of(identity), self.per_person, REMEMBERED)
            full = await self._store.add(room, remembered) is not None
        else:
            own.used = True
            full = room not in own.joined and len(own.joined) >= self.per_person
            if not full:
                own.joined.add(room)
        if full:
            raise Refused(
                "limit",
                f"You are in {self.per_person} rooms, the most there can be. Leave one first.",
                reason="rooms_of_person",
                most=self.per_person,
            )

    async def leave(self, identity: Identity, own: ConnectionRooms, room: str) -> None:
        """Forget that the person is in a room."""
        own.joined.discard(room)
        if identity.lasting:
            await self._store.remove(_of(identity), room)

    async def of(self, identity: Identity, own: ConnectionRooms) -> list[str]:
        """The person's rooms in order, the lobby first."""
        rooms = await self._store.members(_of(identity)) if identity.lasting else set()
        return [LOBBY, *sorted(rooms | own.joined)]

    async def forget(self, person: str) -> None:
        """Forget the rooms of a person, by id. Raises LogUnavailable."""
        await self._store.forget(f"rooms of {person}")

    async def _remembers(self, identity: Identity, address: str) -> bool:
        """Whether the person's rooms are remembered, from now on if they were not before."""
        if await self._store.members(_of(identity)):
            return True
        new, within = NEW_PEOPLE
        quota = Quota(f"remembered from {address}", new * self._people_per_address, within)
        return await self._store.take(quota) is None


def _of(identity: Identity) -> str:
    return f"rooms of {identity.person.id}"
