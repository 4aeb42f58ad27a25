"""The marks: up to which message a person has read each room, and of how much in it they want to be told.

What is answered is kept: a mark is written before its event is answered. It is written as it was found or not
at all, so of two devices that read at the same time the one that got further wins, whatever workers they are
on. A mark that does not move writes nothing.

People without a cookie have theirs with their connection. So do new people at an address that had too many
new people today; see domain/rooms_of_people.py.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from relay import Head, Log, LogUnavailable, Quota, Records, Store

from chat.domain.identity import Identity
from chat.domain.rooms_of_people import NEW_PEOPLE
from chat.people import person_record, reading
from chat.people.person_record import GUESTS_LAST, PersonRecord
from chat.people.reading import Reading

TRIES = 8
"""How often a reading is written at most. It is tried again when another device of the person wrote at the
same time, and nobody reads with that many."""


class Reader:
    """Who reads: a person at one connection. `own`: readings that only this connection knows, by room. They
    are forgotten with it; once there is one, there are no others."""

    __slots__ = ("address", "identity", "own")

    def __init__(self, identity: Identity, address: str) -> None:
        """`address`: as of address_of."""
        self.identity = identity
        self.address = address
        self.own: dict[str, Reading] = {}


class Changed(NamedTuple):
    """`head`: the top of the room's log. `reading`: as it is now. `changed`: whether it was another one."""

    head: Head
    reading: Reading
    changed: bool


class Marks:
    def __init__(
        self, log: Log, store: Store, records: Records, rooms_per_person: int, people_per_address: int
    ) -> None:
        self._log = log
        self._store = store
        self._records = records
        self._most = 2 * rooms_per_person + 1
        """Readings of one person: of the lobby, of the rooms they are in, and of as many that they left."""
        self._new_people = NEW_PEOPLE[0] * people_per_address, NEW_PEOPLE[1]

    async def of(self, reader: Reader) -> dict[str, Reading]:
        """Return a person's readings, by room, in one round trip. Raises LogUnavailable."""
        if reader.own or not reader.identity.lasting:
            return reader.own
        (found,) = await self._records.read(reading.ask(reader.identity.person.id))
        return {room: Reading.read(data) for room, data in found.items()}

    async def read(self, reader: Reader, room: str, upto: Head) -> Changed:
        """Note that a person has read a log up to this entry. Nothing changes if the room's log is another
        one. Raises LogUnavailable: then it is not known whether the mark moved, and it may be tried
        again."""

        def move(found: Reading, head: Head) -> Reading:
            return found.moved(head, upto.seq) if head.epoch == upto.epoch else found

        return await self._change(reader, room, move)

    async def choose(self, reader: Reader, room: str, level: str) -> Changed:
        """Keep of how much in a room a person wants to be told. Raises as `read` does."""
        return await self._change(reader, room, lambda found, _: replace(found, level=level))

    async def _change(self, reader: Reader, room: str, change: Callable[[Reading, Head], Reading]) -> Changed:
        if reader.own or not reader.identity.lasting:
            return self._change_own(reader, room, await self._log.head(room), change)
        person = reader.identity.person.id
        for _ in range(TRIES):
            head, (readings, people) = await asyncio.gather(
                self._log.head(room),
                self._records.read(reading.ask(person, room), person_record.ask(person)),
            )
            data, record = readings.get(room), PersonRecord.read(people.get(person))
            before = Reading.read(data)
            after = change(before, head)
            if after == before:
                return Changed(head, after, changed=False)
            if data is None and record is None and not await self._may_keep(reader):
                return self._change_own(reader, room, head, change)
            put = reading.put(person, room, after, record.lasts if record else GUESTS_LAST, self._most)
            if await self._records.change(person, put, expect=[reading.expect(person, room, data)]):
                return Changed(head, after, changed=True)
        raise LogUnavailable("The mark was changed by others each time.")

    def _change_own(
        self, reader: Reader, room: str, head: Head, change: Callable[[Reading, Head], Reading]
    ) -> Changed:
        before = reader.own.get(room, Reading())
        after = reader.own[room] = change(before, head)
        if len(reader.own) > self._most:
            del reader.own[next(iter(reader.own))]
        return Changed(head, after, after != before)

    async def _may_keep(self, reader: Reader) -> bool:
        """Return whether a person of whom there is no record may have readings that are kept. From now on
        they do, if they had none before."""
        (found,) = await self._records.read(reading.ask(reader.identity.person.id))
        if found:
            return True
        return await self._store.take(Quota(f"marked from {reader.address}", *self._new_people)) is None
