"""Erasure: the name of somebody who was put out for good goes from all that the server keeps.

What they wrote keeps its text, and its author is an id with an empty name; also in guarded rooms, of which
whoever asked for it learns nothing. What others wrote stays as it is, also where it has the name.

It takes a while, so each worker has a task for it, and one of them takes up what there is to do. The person's
record says that it is under way until all is done. A worker that ends in the middle, or a Redis that goes
away, leaves it to the next one, which begins again: what is done already is only looked at. All is gone
through twice, since something of a connection that was just closed may have been on its way the first time.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from time import monotonic, time

from relay import Ask, BoundedSet, Drop, LogUnavailable, Relay

from chat.domain.audit import Audit
from chat.domain.authors import Authors
from chat.domain.people import Person
from chat.domain.recent_addresses import RecentAddresses
from chat.domain.room_names import is_guarded
from chat.domain.rooms_of_people import Rooms
from chat.domain.sanctions import Sanctions
from chat.people import person_record
from chat.people.known_names import KnownNames
from chat.people.person_record import PersonRecord
from chat.people.programs import Programs
from chat.people.tickets import Tickets
from chat.rooms.exclusion import Exclusion
from chat.rooms.membership import Membership

logger = logging.getLogger(__name__)

LOOKED_EVERY = 3.0
"""Seconds between two looks for somebody whose name is to be erased."""
SETTLED = 10.0
"""Seconds until the second time: longer than a connection can be open that was to be closed."""
EARLIER = 3600
"""Seconds before the first time, from which on the second one reads logs: clocks may differ."""
HELD = 30
"""Seconds for which others leave it to a worker that has not said since that it is at it."""
UNDER_WAY = BoundedSet("names to erase", 1000)
TRIES = 8
OWN = ("logins", "marks", "rooms", "provider", "passkeys", "challenges")
"""The names of a person's own records, before a colon and the id."""


class Traces:
    """What is kept about a person besides what they wrote."""

    def __init__(
        self,
        relay: Relay,
        names: KnownNames,
        tickets: Tickets,
        programs: Programs,
        sanctions: Sanctions,
        audit: Audit,
        recent_addresses: RecentAddresses,
        rooms: Rooms,
    ) -> None:
        self._records = relay.records
        self._names = names
        self._tickets = tickets
        self._programs = programs
        self._sanctions = sanctions
        self._audit = audit
        self._recent_addresses = recent_addresses
        self._rooms = rooms

    async def erase(self, person: Person) -> None:
        """Erase them, and their name where somebody else's are. Raises LogUnavailable."""
        id = person.id
        own = [Ask(id, f"{each}:{id}") for each in OWN]
        found = await self._records.read(*own)
        drops = [Drop(ask.name, field) for ask, fields in zip(own, found, strict=True) for field in fields]
        await self._records.change(id, *drops)
        await self._names.forget(person)
        await self._tickets.erase(person)
        await self._programs.erase(person.name)
        await self._sanctions.erase(id, person.name)
        await self._audit.erase(id)
        await self._recent_addresses.forget(id)
        await self._rooms.forget(id)


class Erasure:
    def __init__(self, relay: Relay, exclusion: Exclusion, membership: Membership, traces: Traces) -> None:
        self._relay = relay
        self._store = relay.store
        self._records = relay.records
        self._authors = Authors(relay.log)
        self._exclusion = exclusion
        self._membership = membership
        self._traces = traces
        self._wake = asyncio.Event()

    async def begin(self, person: str) -> None:
        """Have the name of somebody erased whose record says so; see Exclusion.put_out. May be called again.
        Raises LogUnavailable."""
        await self._store.add(person, UNDER_WAY)
        self._wake.set()

    async def run(self) -> None:
        """Look for what there is to do, until cancelled."""
        while True:
            try:
                await self.look()
            except LogUnavailable as error:  # it is taken up again
                logger.debug("names could not be erased: %s", error)
            self._wake.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), LOOKED_EVERY)

    async def look(self) -> None:
        """Erase the names that no other worker is at. Raises LogUnavailable."""
        for person in sorted(await self._store.members(UNDER_WAY.key)):
            if not await self._store.marked(_held(person)):
                await self._erase(person)

    async def _erase(self, person: str) -> None:
        began = time()
        if name := await self._name(person):
            await self._once(Person(person, name), 0)
            await self._hold(person)
            await asyncio.sleep(SETTLED)
            await self._once(Person(person, name), int((began - EARLIER) * 1000))
            await self._end(person)
            logger.info("A name was erased", extra={"about": {"person": person}})
        await self._store.remove(UNDER_WAY.key, person)
        await self._store.forget(_held(person))

    async def _once(self, person: Person, since: int) -> None:
        """Go through all that there is. `since`: when what is read of logs was written, at the earliest."""
        held_at, began = 0.0, monotonic()

        async def rest() -> None:
            """Rest as long as was worked, and tell the other workers now and then that this one is at it."""
            nonlocal held_at, began
            await asyncio.sleep(min(monotonic() - began, 0.1))
            if monotonic() - held_at > 1:
                await self._hold(person.id)
                held_at = monotonic()
            began = monotonic()

        await self._exclusion.enforce(person.id)
        await rest()
        await self._traces.erase(person)
        for room in sorted(await self._relay.log.logs()):
            await rest()
            if is_guarded(room) and await self._membership.erase(room, person.id):
                about = {"room": room, "person": person.id}
                await self._relay.emit_volatile("erased", about, room)
            await self._authors.erase(person.id, room, since, rest)
            await self._relay.log.forget_voter(room, person.id)

    async def _hold(self, person: str) -> None:
        await self._store.mark(_held(person), HELD)

    async def _name(self, person: str) -> str:
        """Return the name that is to be erased; empty if there is none."""
        (found,) = await self._records.read(person_record.ask(person))
        record = PersonRecord.read(found.get(person))
        return "" if record is None else record.was

    async def _end(self, person: str) -> None:
        for _ in range(TRIES):
            (found,) = await self._records.read(person_record.ask(person))
            data = found.get(person)
            if (record := PersonRecord.read(data)) is None:
                return
            done = replace(record, was="").put(person)
            if await self._records.change(person, done, expect=[person_record.expect(person, data)]):
                return
        raise LogUnavailable("The record of the person was changed by others each time.")


def _held(person: str) -> str:
    return f"erases the name of {person}"
