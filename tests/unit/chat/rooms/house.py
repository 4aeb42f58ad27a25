"""A private room in memory, and what happens to it in the last moment."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from chat.domain.identity import Identity
from chat.domain.people import Person
from chat.domain.roles import GUEST
from chat.people.person_record import PersonRecord
from chat.rooms.access import Access
from chat.rooms.admission import Admission
from chat.rooms.membership import Membership
from relay import LogCreation, Relay
from relay.memory.records import MemoryRecords

ANA, BEN, CEM = Person("ana", "Ana"), Person("ben", "Ben"), Person("cem", "Cem")


class House:
    """A chat in memory, with a private room of Ana's, in which Ben is too."""

    def __init__(self) -> None:
        self.relay = Relay.in_memory(lambda entry: [entry.room])
        self.records: Any = self.relay.records
        self.membership = Membership(self.relay, Access(self.relay.records), rooms_per_person=2)
        self.admission = Admission(self.membership)

    async def furnish(self) -> None:
        for each in (ANA, BEN, CEM):
            await self.records.change(each.id, PersonRecord(each.name, GUEST, 0).put(each.id))
        self.ana = Identity(ANA, "login")
        made, _ = await self.membership.create(self.ana, "Plans", "", ["ben"], None, LogCreation())
        self.room = made

    async def members(self) -> list[str]:
        return list(await self.membership.members(self.ana, self.room))


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], Awaitable[object]]) -> None:
    """Something happens after the room was looked at, and before somebody is made a member."""
    change = MemoryRecords.change

    async def late(self: MemoryRecords, *arguments: Any, **expected: Any) -> bool:
        monkeypatch.setattr(MemoryRecords, "change", change)
        await happens()
        return await change(self, *arguments, **expected)

    monkeypatch.setattr(MemoryRecords, "change", late)
