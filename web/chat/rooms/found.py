"""What there is of a room and of people when somebody is to come in, and what may keep them out."""

from collections.abc import Iterable
from typing import NamedTuple

from relay import Ask, Records

from chat.domain.people import Person
from chat.domain.refusals import Refused
from chat.domain.room_rules import archived
from chat.people import person_record
from chat.people.person_record import PersonRecord
from chat.rooms import room_list, room_record
from chat.rooms.room_record import ABOUT, ARCHIVED


class Found(NamedTuple):
    """What there is of a room and of people: the room's record and its members, as they are kept, and whether
    it is archived; names by the ids of the people who are known here; and the rooms in each one's list."""

    about: bytes | None
    archived: bool
    members: dict[str, bytes]
    names: dict[str, str]
    lists: dict[str, dict[str, bytes]]

    @classmethod
    async def read(cls, records: Records, room: str, *people: str) -> "Found":
        """Return what there is of a room and of some people, in one round trip. Raises LogUnavailable."""
        asks: list[Ask] = [room_record.ask(room), room_record.ask_members(room)]
        asks += [person_record.ask(person) for person in people]
        asks += [room_list.ask(person) for person in people]
        about, members, *found = await records.read(*asks)
        kept = {
            person: PersonRecord.read(each.get(person)) for person, each in zip(people, found, strict=False)
        }
        names = {
            person: record.name for person, record in kept.items() if record is not None and not record.out
        }
        lists = dict(zip(people, found[len(people) :], strict=True))
        return cls(about.get(ABOUT), ARCHIVED in about, members, names, lists)

    def check_known(self, people: Iterable[str]) -> None:
        """Raise Refused if one of these people is not known here."""
        for person in people:
            if person not in self.names:
                detail = f"Nobody is known here by the id {person}, or they have no cookie."
                raise Refused("invalid", detail, reason="unknown_person", person=person)

    def check_lists(self, room: str, by: Person | None, others: Iterable[str], most: int) -> None:
        """Raise Refused if somebody is in as many rooms as there may be, besides this one. `by`: whoever asks
        for it, and comes in too."""
        if by is not None and len(self.lists[by.id].keys() - {room}) >= most:
            detail = f"You are in {most} rooms, the most there can be. Leave one first."
            raise Refused("limit", detail, reason="rooms_of_person", most=most)
        for each in others:
            if len(self.lists[each].keys() - {room}) >= most:
                detail = f"{self.names[each]} is in {most} rooms, the most there can be."
                raise Refused("limit", detail, reason="rooms_of_other", most=most, person=each)

    def check_place(self) -> None:
        """Raise Refused if the room takes nobody in: it is archived, or has no place for one more."""
        if self.archived:
            raise archived()
        if len(self.members) >= room_record.MEMBERS:
            detail = f"The room has {room_record.MEMBERS} members, the most there can be."
            raise Refused("limit", detail, reason="members_of_room", most=room_record.MEMBERS)
