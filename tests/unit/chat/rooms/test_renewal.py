"""What is kept of a private room lasts as long as somebody comes."""

from math import inf
from time import monotonic, time

import pytest
from chat.domain.identity import Identity
from chat.domain.people import Person
from chat.rooms import room_record
from chat.rooms.access import Access
from chat.rooms.archiving import Archiving
from chat.rooms.renewal import Renewal
from chat.rooms.room_record import ARCHIVED, MEMBERS_LAST, ROOMS_LAST
from relay import Drop, LogCreation, LogUnavailable, Post

from tests.unit.chat.rooms.house import ANA, BEN, House

DAY = 86_400


class Calendar:
    """What day it is."""

    def __init__(self) -> None:
        self.days = 0.0

    def now(self) -> float:
        return time() + self.days * DAY


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def renewal(house: House, calendar: Calendar) -> Renewal:
    return Renewal(house.relay, calendar.now)


async def comes(house: House, renewal: Renewal, person: Person) -> None:
    known = await Access(house.records).look(Identity(person, "login"), house.room)
    await renewal.renew(person.id, house.room, known)


def ages(house: House, days: float) -> None:
    """All that is kept has so many days less."""
    for record in house.records._kept.values():
        for field, (value, until) in record.items():
            record[field] = value, until - days * DAY


def left(house: House, name: str) -> dict[str, float]:
    """How long each field of a record lasts, in days."""
    return {field: (until - monotonic()) / DAY for field, (_, until) in house.records._kept[name].items()}


async def test_all_that_is_kept_of_guarded_rooms_has_an_end(house: House) -> None:
    """Longer than a cookie counts, and no member is one longer than the room is kept."""
    await Archiving(house.records, Access(house.records)).archive(house.ana, house.room, True)
    direct, _ = await house.membership.converse(house.ana, ["ben"], LogCreation())
    for room in house.room, direct:
        ends = left(house, f"room:{room}") | left(house, f"members:{room}")
        assert inf not in ends.values()
    assert inf not in left(house, "rooms:ana").values()
    assert 366 * DAY < MEMBERS_LAST < ROOMS_LAST


async def test_who_comes_is_a_member_for_another_while_and_so_is_the_room_kept(
    house: House, renewal: Renewal, calendar: Calendar
) -> None:
    await Archiving(house.records, Access(house.records)).archive(house.ana, house.room, True)
    for days, renewed in (20, False), (31, True), (40, False), (65, True):
        ages(house, days - calendar.days)
        calendar.days = days
        before = left(house, f"members:{house.room}")
        await comes(house, renewal, ANA)
        members = left(house, f"members:{house.room}")
        assert (members["ana"] > before["ana"] + 1) is renewed, days
        assert members["ben"] == pytest.approx(before["ben"], abs=0.1), "he did not come"
        if renewed:
            assert left(house, "rooms:ana")[house.room] == pytest.approx(MEMBERS_LAST / DAY, abs=0.1)
            fields = left(house, f"room:{house.room}")
            assert set(fields) == {"about", ARCHIVED}
            assert min(fields.values()) == pytest.approx(ROOMS_LAST / DAY, abs=0.1)


async def test_a_room_whose_makers_never_came_again_has_another(
    house: House, renewal: Renewal, calendar: Calendar
) -> None:
    await house.records.change(house.room, Drop(f"members:{house.room}", "ana"))  # as after its time
    calendar.days = 31
    await comes(house, renewal, BEN)
    house.ana = Identity(BEN, "login")
    members = await house.membership.members(house.ana, house.room)
    assert {person: member.maker for person, member in members.items()} == {"ben": True}


async def test_a_renewal_brings_back_nothing_that_ends_meanwhile(
    house: House, renewal: Renewal, calendar: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    archiving = Archiving(house.records, Access(house.records))
    await archiving.archive(house.ana, house.room, True)
    calendar.days = 31
    change, changes = (
        house.records.change,
        iter([None, lambda: archiving.archive(house.ana, house.room, False)]),
    )

    async def late(*arguments: object, **expected: object) -> bool:
        if happens := next(changes, None):
            await happens()
        return bool(await change(*arguments, **expected))

    monkeypatch.setattr(house.records, "change", late)
    await comes(house, renewal, ANA)
    (found,) = await house.records.read(room_record.ask(house.room))
    assert ARCHIVED not in found


async def test_whoever_cannot_be_renewed_now_comes_in_all_the_same(
    house: House, renewal: Renewal, calendar: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unavailable(*_: object, **__: object) -> bool:
        raise LogUnavailable

    monkeypatch.setattr(house.records, "change", unavailable)
    calendar.days = 31
    await comes(house, renewal, ANA)


async def test_what_was_written_goes_with_a_room_that_nobody_can_come_into_any_more(
    house: House, renewal: Renewal, calendar: Calendar
) -> None:
    """Not before its time, and nothing in rooms that have a record, or are open."""
    log = house.relay.log
    await log.append("open-room", Post("1", b"x"))
    lost, _ = await house.membership.create(house.ana, "Lost", "", [], None, LogCreation())
    await house.records.change(lost, *room_record.end(lost), room_record.drop_member(lost, "ana"))
    calendar.days = ROOMS_LAST / DAY - 1
    await renewal.sweep()
    assert await log.logs() == {"open-room", house.room, lost}
    calendar.days += 2
    await renewal.sweep()
    assert await log.logs() == {"open-room", house.room}
