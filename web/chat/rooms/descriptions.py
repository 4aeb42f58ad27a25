"""What a client is told of a room: its kind, title and topic, whether it is archived, whether the person is a
maker, and in direct rooms who the others are."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from relay import LogUnavailable, Records

from chat.domain.identity import Identity
from chat.domain.refusals import Refused
from chat.domain.room_names import is_guarded
from chat.people import person_record
from chat.people.person_record import PersonRecord
from chat.rooms import room_list, room_record
from chat.rooms.access import Known, known
from chat.rooms.room_record import DIRECT, PRIVATE

Description = dict[str, Any]


class Descriptions:
    def __init__(self, records: Records) -> None:
        self._records = records

    async def list(self, identity: Identity) -> dict[str, bytes]:
        """Return a person's list of guarded rooms; see room_list.py. Raises LogUnavailable."""
        if not identity.lasting:
            return {}
        (found,) = await self._records.read(room_list.ask(identity.person.id))
        return found

    async def of(
        self, identity: Identity, rooms: Iterable[str], listed: Mapping[str, bytes]
    ) -> dict[str, Description]:
        """Return what a person is told of open rooms and of those in their list, in one round trip. Those are
        left out that the person is no member of, and taken from the list. Raises LogUnavailable."""
        person, names = identity.person.id, [*rooms, *listed]
        others = {id: None for data in listed.values() for id in room_list.others_of(data)}
        found = await self._records.read(
            *(room_record.ask(room) for room in names),
            *(room_record.ask_members(room, person) for room in listed),
            *(person_record.ask(id) for id in others),
        )
        abouts = dict(zip(names, found, strict=False))
        members = dict(zip(listed, found[len(names) :], strict=False))
        people = _names({id: data for each in found[len(names) + len(listed) :] for id, data in each.items()})
        descriptions: dict[str, Description] = {}
        gone = []
        for room in names:
            try:
                one = known(room, abouts[room], members.get(room, {}), person)
            except Refused:
                gone.append(room)
            else:
                descriptions[room] = described(one, person, people)
        if gone:
            with suppress(LogUnavailable):
                await self._records.change(person, *(room_list.drop(person, room) for room in gone))
        return descriptions

    async def one(self, identity: Identity, room: str, one: Known) -> Description:
        """Return what a person is told of a room. Puts a guarded one into the person's list, if it is not
        there. Raises LogUnavailable."""
        person = identity.person.id
        if not is_guarded(room):
            return described(one, person, {})
        others = [id for id in one.about.people if id != person]
        listed, *found = await self._records.read(
            room_list.ask(person, room), *(person_record.ask(id) for id in others)
        )
        if not listed:
            await self._records.change(person, room_list.put(person, room, others))
        return described(one, person, _names({id: data for each in found for id, data in each.items()}))

    async def people(self, ids: Iterable[str]) -> dict[str, PersonRecord]:
        """Return the records that there are of people by their ids, in one round trip. Raises
        LogUnavailable."""
        found = await self._records.read(*(person_record.ask(id) for id in ids))
        return _people({id: data for each in found for id, data in each.items()})


def described(one: Known, person: str, names: Mapping[str, str]) -> Description:
    """Return what a person is told of a room. `names`: of people as they are now."""
    about = one.about
    description: Description = {"kind": about.kind, "title": about.title, "topic": about.topic}
    if one.archived:
        description["archived"] = True
    if about.kind == PRIVATE:
        description["maker"] = one.member is not None and one.member.maker
    if about.kind == DIRECT:
        others = {id: names.get(id, name) for id, name in about.people.items() if id != person}
        description["others"] = [{"id": id, "name": name} for id, name in others.items()]
    return description


def _names(records: Mapping[str, bytes]) -> dict[str, str]:
    return {id: record.name for id, record in _people(records).items()}


def _people(records: Mapping[str, bytes]) -> dict[str, PersonRecord]:
    found = {id: PersonRecord.read(data) for id, data in records.items()}
    return {id: record for id, record in found.items() if record is not None}
