"""Who has which role. The record of a person says so. Each partition has a list of those of its people who
moderate; it is a hint, and the records are the truth."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from time import time
from typing import NamedTuple

from relay import Drop, LogUnavailable, Put, Records

from chat.domain.people import Person, clients_of
from chat.domain.refusals import Refused
from chat.domain.roles import GUEST, MEMBER, MODERATE, OWNER
from chat.people import kept_login, person_record
from chat.people.kept_login import KeptLogin
from chat.people.person_record import PEOPLE, PersonRecord

LISTED = "moderate"
"""The name of the lists. Their fields are the people's ids."""
IN_PARTITION = 100
"""People in each of 256 lists."""
UNTIL_DROPPED = 0
"""Seconds, as of Put."""
TRIES = 5

Disconnect = Callable[[str], Awaitable[None]]
"""`disconnect(group)` disconnects a group's clients on every worker."""


class Holder(NamedTuple):
    """Somebody who has a role."""

    person: Person
    role: str


class Roles:
    def __init__(self, records: Records, days: int, disconnect: Disconnect) -> None:
        """`days`: for which a login counts after it was seen last."""
        self._records = records
        self._days = days
        self._disconnect = disconnect

    async def all(self) -> list[Holder]:
        """Return those who moderate, owners first. Raises LogUnavailable."""
        listed = await self._records.everywhere(LISTED)
        found = await self._records.read(*(person_record.ask(person) for person in listed)) if listed else []
        holders = []
        for person, each in zip(listed, found, strict=True):
            record = PersonRecord.read(each.get(person))
            if record is not None and record.role in MODERATE:
                holders.append(Holder(Person(person, record.name), record.role))
        return sorted(
            holders, key=lambda each: (each.role != OWNER, each.person.name.casefold(), each.person.id)
        )

    async def has_owner(self) -> bool:
        """Return whether somebody is an owner. Raises LogUnavailable."""
        return any(each.role == OWNER for each in await self.all())

    async def named(self, name: str) -> list[tuple[Person, PersonRecord]]:
        """Return the people of this name that the server keeps, who came first first. It reads all that are
        kept, and is for the command line. Raises LogUnavailable."""
        found = []
        for person, data in (await self._records.everywhere(PEOPLE)).items():
            record = PersonRecord.read(data)
            if record is not None and record.name == name and not record.program:
                found.append((Person(person, record.name), record))
        return sorted(found, key=lambda each: each[1].at)

    async def record(self, person: str) -> PersonRecord:
        """Return what is kept of somebody who may have a role. Raises Refused, and LogUnavailable."""
        (found,) = await self._records.read(person_record.ask(person))
        return _may_have(PersonRecord.read(found.get(person)))

    async def give(self, person: str, role: str) -> PersonRecord:
        """Give somebody a role, MEMBER to take theirs. Their clients are disconnected on every worker, and
        connect again with other rights. Returns the record as it is then. Raises Refused, and
        LogUnavailable."""
        for _ in range(TRIES):
            people, logins = await self._records.read(person_record.ask(person), kept_login.ask(person))
            before = _may_have(PersonRecord.read(people.get(person)))
            if before.role == role:
                return before
            if before.role == OWNER and len([each for each in await self.all() if each.role == OWNER]) < 2:
                raise last_owner()
            given = replace(before, role=role)
            if await self._change(person, before, given, people[person], logins):
                break
        else:
            raise LogUnavailable("The record of the person was changed by others each time.")
        # Two owners may have taken each other's role at the same time, in two partitions.
        if before.role == OWNER and not await self.has_owner():
            await self.give(person, OWNER)
            raise last_owner()
        await self._disconnect(clients_of(person))
        return given

    async def begin(self, person: Person, role: str) -> None:
        """Give a role to somebody of whom nothing may be kept yet. Raises Refused, and LogUnavailable."""
        # To the second, as cookies are, so that none that is signed now seems to be earlier.
        new = PersonRecord(person.name, MEMBER, int(time()) * 1000)
        await self._records.change(
            person.id, new.put(person.id), expect=[person_record.expect(person.id, None)]
        )
        await self.give(person.id, role)

    async def _change(
        self, person: str, before: PersonRecord, given: PersonRecord, data: bytes, logins: dict[str, bytes]
    ) -> bool:
        changes: list[Put | Drop] = [given.put(person)]
        if given.role in MODERATE:
            changes.append(Put(LISTED, person, b"1", UNTIL_DROPPED, IN_PARTITION))
        else:
            changes.append(Drop(LISTED, person))
        if before.role == GUEST:  # or the logins would be forgotten long before the record, and so seem ended
            changes += (
                KeptLogin.read(id, each).put(person, given, self._days) for id, each in logins.items()
            )
        return await self._records.change(person, *changes, expect=[person_record.expect(person, data)])


def _may_have(record: PersonRecord | None) -> PersonRecord:
    if record is None:
        detail = "The server keeps nothing of this person: a program, or somebody who was not here for long."
        raise Refused("invalid", detail, reason="no_such_person")
    if record.program:
        raise Refused("forbidden", "A program has no role.", reason="program_without_role")
    return record


def last_owner() -> Refused:
    """Return the refusal of what would leave the chat without an owner."""
    detail = "This is the only owner. Make somebody else an owner first."
    return Refused("forbidden", detail, reason="last_owner")
