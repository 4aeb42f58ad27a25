"""Who is in a room, and what its members are told of it, on one worker and of others' reports."""

import asyncio
from typing import Any

import pytest
from relay.delivery.people import FIRST, LISTED, Member, Report, Summary
from relay.delivery.presence import Presence

from tests.support.waiting import soon

ANA, BEN = Member("a", "Ana"), Member("b", "Ben")


class Room:
    """The room `tea`, and what its members were told."""

    def __init__(self, window: float = 0.02, grace: float = 0.1) -> None:
        self.told: list[dict[str, Any]] = []
        self.changes = 0
        self.presence = Presence(self._tell, self._changed, window=window, grace=grace)

    def _tell(self, room: str, event: str, what: dict[str, Any]) -> None:
        assert (room, event) == ("tea", "presence")
        self.told.append(what)

    def _changed(self, room: str, member: str) -> None:
        self.changes += 1

    def arrive(self, sid: str, member: Member) -> bool:
        return self.presence.arrive(sid, "tea", member)

    def depart(self, sid: str, at_once: bool = False) -> None:
        self.presence.depart(sid, "tea", at_once)

    def report(self, worker: str, version: int, *members: Member) -> None:
        self.presence.set_report("tea", worker, Report(version, {each.id: each.label for each in members}))

    @property
    def names(self) -> list[str]:
        return [member.name for member in self.presence.people("tea").first]

    async def tells(self, count: int) -> list[dict[str, Any]]:
        await soon(lambda: len(self.told) >= count, what=f"being told {count} times")
        return self.told


async def test_arrivals_of_one_moment_are_told_together() -> None:
    room = Room()
    assert room.arrive("1", ANA)
    assert not room.arrive("2", BEN)
    [told] = await room.tells(1)
    joined = [{"id": "a", "name": "Ana"}, {"id": "b", "name": "Ben"}]
    assert told == {"room": "tea", "count": 2, "joined": joined}


async def test_one_person_with_several_clients_is_there_once_and_leaves_with_the_last() -> None:
    room = Room()
    room.arrive("1", ANA)
    room.arrive("2", ANA)
    room.arrive("3", BEN)
    await room.tells(1)
    room.depart("1")
    room.depart("3")
    assert (await room.tells(2))[1] == {"room": "tea", "count": 1, "left": [{"id": "b", "name": "Ben"}]}
    assert room.names == ["Ana"]
    room.depart("2")
    await soon(lambda: not room.names, what="the last client's member is gone")


async def test_coming_back_within_the_grace_shows_nothing() -> None:
    """Each of three times, the grace beginning anew with each."""
    room = Room(grace=1.5)
    room.arrive("0", ANA)
    room.arrive("ben", BEN)
    await room.tells(1)
    for number in range(3):
        room.depart(f"{number}")
        await asyncio.sleep(0.6)
        room.arrive(f"{number + 1}", ANA)
    assert len(room.told) == 1
    room.depart("3")
    assert (await room.tells(2))[1]["left"] == [{"id": "a", "name": "Ana"}]
    assert len(room.told) == 2


async def test_leaving_on_purpose_shows_at_once() -> None:
    room = Room(grace=60)
    room.arrive("1", ANA)
    room.arrive("2", BEN)
    await room.tells(1)
    room.depart("1", at_once=True)
    assert (await room.tells(2))[1]["left"] == [{"id": "a", "name": "Ana"}]


async def test_a_member_at_two_workers_is_there_once() -> None:
    """And gone when both have said so."""
    room = Room()
    room.arrive("1", ANA)
    room.report("w2", 1, ANA, BEN)
    assert (await room.tells(1))[0]["count"] == 2
    room.report("w2", 2, BEN)
    room.presence.change_report("tea", "w2", 3, {"c": "Cleo"}, [])
    assert (await room.tells(2))[1] == {"room": "tea", "count": 3, "joined": [{"id": "c", "name": "Cleo"}]}
    room.presence.set_report("tea", "w2", None)
    assert len((await room.tells(3))[2]["left"]) == 2
    assert room.names == ["Ana"]


async def test_somebody_who_moves_to_another_worker_is_not_told_of() -> None:
    room = Room()
    room.arrive("1", ANA)
    room.arrive("2", BEN)
    await room.tells(1)
    room.depart("2")
    room.report("w2", 1, BEN)
    await soon(lambda: room.presence.local("tea") == {"a": "Ana"}, what="the grace is over")
    room.arrive("3", Member("c", "Cleo"))
    assert (await room.tells(2))[1] == {"room": "tea", "count": 3, "joined": [{"id": "c", "name": "Cleo"}]}


async def test_a_new_name_is_told_as_a_coming() -> None:
    room = Room()
    room.arrive("1", ANA)
    await room.tells(1)
    room.arrive("2", Member("a", "Anna"))
    assert (await room.tells(2))[1] == {"room": "tea", "count": 1, "joined": [{"id": "a", "name": "Anna"}]}


@pytest.mark.parametrize("by_change", [False, True])
async def test_a_new_name_holds_against_the_old_one_of_who_just_left_another_worker(by_change: bool) -> None:
    """There it lives on for a while, as that of somebody who may come back."""
    room = Room()
    room.arrive("1", Member("a", "Anna"))
    if by_change:
        room.presence.change_report("tea", "other", 1, {"a": "Ana"}, [])
    else:
        room.report("other", 1, ANA)
    assert room.names == ["Anna"]
    room.presence.set_report("tea", "other", None)
    assert room.names == ["Anna"]


async def test_the_name_of_who_left_one_worker_is_that_at_the_one_where_they_are() -> None:
    """Whichever was heard of last."""
    room = Room()
    room.arrive("1", BEN)
    room.report("new", 1, Member("a", "Anna"))
    room.report("old", 1, ANA)
    room.presence.change_report("tea", "old", 2, {}, ["a"])
    assert room.names == ["Anna", "Ben"]


async def test_whom_a_newcomer_was_shown_it_is_told_the_leaving_of() -> None:
    """Also of somebody who came and went between two tellings."""
    room = Room(window=0.1)
    room.arrive("1", ANA)
    room.arrive("2", BEN)
    assert room.names == ["Ana", "Ben"]
    room.depart("2", at_once=True)
    [told] = await room.tells(1)
    assert (told["joined"], told["left"]) == ([{"id": "a", "name": "Ana"}], [{"id": "b", "name": "Ben"}])


async def test_a_large_room_is_told_its_count_and_its_first_names() -> None:
    """The names only when they change; and all of them once it is small again."""
    room = Room()
    for number in range(LISTED + 2):
        room.arrive(f"{number}", Member(f"{number}", f"m{number:03}"))
    first = [{"id": f"{number}", "name": f"m{number:03}"} for number in range(FIRST)]
    assert await room.tells(1) == [{"room": "tea", "count": LISTED + 2, "people": first}]
    assert len(room.presence.people("tea").first) == FIRST
    room.depart("50", at_once=True)
    assert (await room.tells(2))[1] == {"room": "tea", "count": LISTED + 1}
    room.depart("0", at_once=True)
    told = (await room.tells(3))[2]
    assert (told["count"], len(told["people"]), told["people"][0]["id"]) == (LISTED, LISTED, "1")
    room.depart("1", at_once=True)
    assert (await room.tells(4))[3]["left"] == [{"id": "1", "name": "m001"}]


async def test_a_thousand_who_come_at_once_are_told_of_once() -> None:
    room = Room()
    for number in range(1000):
        room.arrive(f"{number}", Member(f"{number}", "x"))
    await room.tells(1)
    room.arrive("last", ANA)
    await room.tells(2)
    assert [told["count"] for told in room.told] == [1000, 1001]


async def test_reports_of_a_room_that_nobody_here_is_in_are_not_kept() -> None:
    room = Room()
    room.report("w2", 1, ANA)
    room.presence.change_report("tea", "w2", 2, {"b": "Ben"}, [])
    assert room.presence.people("tea").count == 0
    assert room.arrive("1", BEN)
    room.depart("1", at_once=True)
    await soon(lambda: not room.presence.rooms, what="the room is empty")
    assert room.changes == 2


async def test_a_room_that_is_large_on_several_workers_is_known_by_a_summary() -> None:
    """Its count, and the first names of all; the reports of other workers are dropped."""
    room = Room()
    room.arrive("1", BEN)
    room.report("w2", 1, ANA)
    await room.tells(1)
    zoe = Member("z", "Zoe")
    room.presence.summarize("tea", Summary(500, [ANA, zoe], frozenset({"w2"})))
    people = [{"id": "a", "name": "Ana"}, {"id": "b", "name": "Ben"}, {"id": "z", "name": "Zoe"}]
    assert (await room.tells(2))[1] == {"room": "tea", "count": 500, "people": people}
    assert room.presence.reports("tea") == {}
    room.presence.set_count("tea", 501)
    assert (await room.tells(3))[2] == {"room": "tea", "count": 501}
    assert room.presence.people("tea").count == 501
    room.report("w2", 2, ANA)
    room.presence.end_summary("tea")
    assert (await room.tells(4))[3] == {"room": "tea", "count": 2, "people": people[:2]}
    room.depart("1", at_once=True)


async def test_a_summary_that_says_nothing_new_is_not_told() -> None:
    room = Room()
    room.arrive("1", BEN)
    for _ in range(2):
        room.presence.summarize("tea", Summary(500, [ANA], frozenset({"w2"})))
        await room.tells(1)
    room.presence.set_count("tea", 502)
    assert [told["count"] for told in await room.tells(2)] == [500, 502]


async def test_the_first_names_of_a_large_room_follow_who_comes_and_goes_here() -> None:
    room = Room()
    for number in range(2 * FIRST):
        room.arrive(f"{number}", Member(f"{number}", f"m{number:03}"))
    room.presence.summarize("tea", Summary(500, [Member("z", "zoe")], frozenset({"w2"})))
    assert [each.name for each in room.presence.first_here("tea")] == [f"m{n:03}" for n in range(FIRST)]
    room.depart("3", at_once=True)
    await soon(lambda: "3" not in room.presence.local("tea"), what="it is gone")
    expected = [f"m{number:03}" for number in range(FIRST + 1) if number != 3]
    assert [each.name for each in room.presence.first_here("tea")] == expected
    room.arrive("new", ANA)
    assert [each.name for each in room.presence.first_here("tea")] == ["Ana", *expected[:-1]]
    room.arrive("again", Member("a", "Zora"))
    assert [each.name for each in room.presence.first_here("tea")] == expected
