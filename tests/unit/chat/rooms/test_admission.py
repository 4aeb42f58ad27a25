"""Coming into a private room by an invitation, while the room, its members and the invitation change."""

from collections.abc import Awaitable

import pytest
from chat.domain.identity import Identity
from chat.domain.refusals import Refused
from chat.rooms import room_list, room_record
from chat.rooms.access import Access
from chat.rooms.admission import Welcome
from chat.rooms.archiving import Archiving
from relay import LogUnavailable
from relay.memory.records import MemoryRecords

from tests.unit.chat.rooms.house import ANA, BEN, CEM, House, meanwhile


async def reason(admitted: Awaitable[None]) -> str:
    with pytest.raises(Refused) as refused:
        await admitted
    return str(refused.value.values["reason"])


async def test_what_an_invitation_is_worth_is_known_at_one_look(house: House) -> None:
    look, room = house.admission.look, house.room
    assert await look(room, "ana", None) == Welcome("Plans")
    assert await look(room, "ana", CEM) == Welcome("Plans")
    assert await look(room, "nobody", CEM) == Welcome("Plans", gone="inviter")
    assert await look(room, "nobody", BEN) == Welcome("Plans", member=True)
    assert await look("p-" + "a" * 26, "ana", CEM) == Welcome("", gone="room")


async def test_who_is_in_as_many_rooms_as_one_may_be_comes_into_no_other(house: House) -> None:
    for room in ("one", "two"):
        await house.records.change("cem", room_list.put("cem", room, []))
    welcome = await house.admission.look(house.room, "ana", CEM)
    assert welcome.refusal is not None
    assert welcome.refusal.values == {"reason": "rooms_of_person", "most": 2}
    assert await reason(house.admission.admit(house.room, ANA, CEM)) == "rooms_of_person"


async def test_nobody_comes_in_by_who_is_put_out_at_that_moment(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, lambda: house.membership.remove(house.ana, house.room, "ben"))
    assert await reason(house.admission.admit(house.room, BEN, CEM)) == "unknown_room"
    assert await house.members() == ["ana"]


async def test_nobody_comes_into_a_room_that_ends_at_that_moment(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ends() -> None:
        await house.membership.remove(house.ana, house.room, "ben")
        await house.membership.leave(house.ana, house.room, "")

    meanwhile(monkeypatch, ends)
    assert await reason(house.admission.admit(house.room, ANA, CEM)) == "unknown_room"
    assert await reason(house.admission.admit(house.room, ANA, CEM)) == "unknown_room"
    assert not any(name.endswith(house.room) for name in house.records._kept)


async def test_who_is_added_by_another_at_that_moment_is_a_member_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, lambda: house.membership.invite(house.ana, house.room, "cem"))
    await house.admission.admit(house.room, ANA, CEM)
    assert await house.members() == ["ana", "ben", "cem"]


async def test_an_heir_who_becomes_a_maker_at_that_moment_lets_in_all_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their membership is another one than it was."""
    meanwhile(monkeypatch, lambda: house.membership.leave(house.ana, house.room, ""))
    await house.admission.admit(house.room, BEN, CEM)
    house.ana = Identity(BEN, "login")
    assert await house.members() == ["ben", "cem"]


async def test_the_last_place_is_given_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_record, "MEMBERS", 2)
    assert await reason(house.admission.admit(house.room, ANA, CEM)) == "members_of_room"
    welcome = await house.admission.look(house.room, "ana", CEM)
    assert welcome.refusal is not None
    assert welcome.refusal.values["reason"] == "members_of_room"


async def test_what_broke_off_is_finished_when_it_is_asked_for_again(house: House) -> None:
    """The membership was written, and the person's list was not; they have other rooms."""
    await house.admission.admit(house.room, ANA, CEM)
    await house.records.change("cem", room_list.drop("cem", house.room), room_list.put("cem", "other", []))
    await house.admission.admit(house.room, ANA, CEM)
    (listed,) = await house.records.read(room_list.ask("cem"))
    assert set(listed) == {"other", house.room}
    await house.records.change("cem", room_list.drop("cem", house.room))
    await house.membership.invite(house.ana, house.room, "cem")
    (listed,) = await house.records.read(room_list.ask("cem"))
    assert set(listed) == {"other", house.room}


async def test_where_the_members_change_each_time_it_is_given_up(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def changed(*_: object, **__: object) -> bool:
        return False

    monkeypatch.setattr(MemoryRecords, "change", changed)
    with pytest.raises(LogUnavailable):
        await house.admission.admit(house.room, ANA, CEM)


async def archive(house: House) -> None:
    await Archiving(house.records, Access(house.records)).archive(house.ana, house.room, True)


async def test_nobody_comes_into_an_archived_room(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even when it is archived in the last moment. Whoever is in it stays."""
    meanwhile(monkeypatch, lambda: archive(house))
    with pytest.raises(Refused) as refused:
        await house.admission.admit(house.room, ANA, CEM)
    assert refused.value.error == "archived"
    welcome = await house.admission.look(house.room, "ana", CEM)
    assert welcome.refusal is not None
    assert welcome.refusal.error == "archived"
    await house.admission.admit(house.room, ANA, BEN)
    assert await house.members() == ["ana", "ben"]


async def test_a_room_that_ends_meanwhile_is_not_archived(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ends() -> None:
        for person in (BEN, ANA):
            await house.membership.leave(Identity(person, "login"), house.room, "")

    meanwhile(monkeypatch, ends)
    with pytest.raises(Refused) as refused:
        await archive(house)
    assert refused.value.values["reason"] == "unknown_room"
    assert await house.records.read(room_record.ask(house.room)) == [{}]
