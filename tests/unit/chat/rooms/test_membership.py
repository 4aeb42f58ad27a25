"""Who is in a private room, while several change it at the same time."""

import asyncio

import pytest
from chat.domain.identity import Identity
from chat.domain.people import Person
from chat.domain.refusals import Refused
from chat.rooms import room_record
from relay import LogUnavailable

from tests.unit.chat.rooms.house import ANA, BEN, CEM, House, meanwhile


async def leaves(house: House, person: Person) -> None:
    await house.membership.leave(Identity(person, "login"), house.room, "")


async def makers(house: House, seen_by: Person) -> dict[str, bool]:
    """The members, and whether each is a maker."""
    members = await house.membership.members(Identity(seen_by, "login"), house.room)
    return {person: member.maker for person, member in members.items()}


async def test_a_room_has_no_more_members_than_it_may_however_many_come_at_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_record, "MEMBERS", 3)
    meanwhile(monkeypatch, lambda: house.membership.invite(house.ana, house.room, "cem"))
    dan = Person("dan", "Dan")
    with pytest.raises(Refused) as refused:
        await house.admission.admit(house.room, ANA, dan)
    assert refused.value.values["reason"] == "members_of_room"
    assert await house.members() == ["ana", "ben", "cem"]


async def test_who_is_added_when_the_last_member_leaves_is_a_maker(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The room goes on: she invited him from another device."""
    await leaves(house, BEN)
    meanwhile(monkeypatch, lambda: house.membership.invite(house.ana, house.room, "cem"))
    await leaves(house, ANA)
    assert await makers(house, CEM) == {"cem": True}


async def test_of_two_makers_who_leave_at_once_the_second_makes_another(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.admission.admit(house.room, ANA, CEM)
    (kept,) = await house.records.read(room_record.ask_members(house.room, "ben"))
    maker = room_record.Member.read(kept["ben"]).as_maker()
    await house.records.change(house.room, maker.put(house.room, "ben"))
    meanwhile(monkeypatch, lambda: leaves(house, BEN))
    await leaves(house, ANA)
    assert await makers(house, CEM) == {"cem": True}


async def test_two_makers_who_put_each_other_out_leave_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept,) = await house.records.read(room_record.ask_members(house.room, "ben"))
    maker = room_record.Member.read(kept["ben"]).as_maker()
    await house.records.change(house.room, maker.put(house.room, "ben"))
    meanwhile(monkeypatch, lambda: house.membership.remove(Identity(BEN, "login"), house.room, "ana"))
    with pytest.raises(Refused) as refused:
        await house.membership.remove(house.ana, house.room, "ben")
    assert refused.value.values["reason"] == "unknown_room"
    assert await makers(house, BEN) == {"ben": True}


async def test_the_record_of_a_room_goes_with_its_last_member(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the same step: whatever fails right after it, nobody finds half a room. Asked again, the rest is
    done."""
    await leaves(house, BEN)
    fails = house.relay.log.clear

    async def unavailable(room: str) -> None:
        raise LogUnavailable

    monkeypatch.setattr(house.relay.log, "clear", unavailable)
    with pytest.raises(LogUnavailable):
        await leaves(house, ANA)
    assert await house.records.read(room_record.ask(house.room), room_record.ask_members(house.room)) == [
        {},
        {},
    ]
    monkeypatch.setattr(house.relay.log, "clear", fails)
    await leaves(house, ANA)
    assert await house.relay.log.logs() == set()


async def test_when_all_leave_at_once_the_room_ends(house: House) -> None:
    await asyncio.gather(leaves(house, ANA), leaves(house, BEN))
    assert not any(name.endswith(house.room) for name in house.records._kept)
    assert await house.relay.log.logs() == set()
