"""Who is in one room, and what is news to those who are there."""

import pytest
from relay import Relay
from relay.delivery.people import FIRST, LISTED, Member, Report, RoomPeople

ANA = Member("a", "Ana")


def full(count: int) -> RoomPeople:
    """A room of so many members, each with one client of the same name."""
    people = RoomPeople()
    for number in range(count):
        people.arrive(f"sid-{number}", Member(f"{number}", f"m{number:03}"))
    return people


def leaves(people: RoomPeople, sid: str) -> None:
    id = people.depart(sid)
    assert id is not None
    people.remove_local(id)


def test_whoever_took_another_name_is_gone_when_they_leave() -> None:
    people = RoomPeople()
    people.arrive("1", ANA)
    people.arrive("1", Member("a", "Anna"))
    assert people.show().first == [Member("a", "Anna")]
    leaves(people, "1")
    assert people.show().count == 0


def test_a_mark_is_told_beside_the_name() -> None:
    """On its own, and when it changes, whatever worker the member is at."""
    people = RoomPeople()
    people.arrive("1", Member("a", "Ana", "host"))
    assert people.show().first == [Member("a", "Ana", "host")]
    people.set_report("other", Report(1, {"b": Member("b", "Ben", "bot").label}))
    ana, ben = {"id": "a", "name": "Ana"}, {"id": "b", "name": "Ben"}
    assert people.news() == {"count": 2, "joined": [ana | {"host": True}, ben | {"bot": True}]}
    people.arrive("1", ANA)
    assert people.news() == {"count": 2, "joined": [ana]}
    people.change_report("other", 2, {"b": "Ben"}, [])
    assert people.news() == {"count": 2, "joined": [ben]}


@pytest.mark.parametrize(
    "member", [Member("a", "A\0na"), Member("a", "Ana", "ho\0st"), Member("a", "Ana", "name")]
)
async def test_what_could_not_be_told_apart_is_refused(member: Member) -> None:
    with pytest.raises(ValueError, match="mark"):
        await Relay.in_memory().join("sid", "tea", member)


def test_the_same_client_arrives_once() -> None:
    people = RoomPeople()
    assert people.arrive("1", ANA)
    assert not people.arrive("1", ANA)
    leaves(people, "1")
    assert people.depart("1") is None


def test_a_newcomer_is_shown_the_first_of_a_large_room_before_it_was_told_of_them() -> None:
    shown = full(LISTED + 1).show()
    assert (shown.count, shown.first[0].name, len(shown.first)) == (LISTED + 1, "m000", FIRST)


def test_a_room_that_grows_large_again_shows_its_first_names_anew() -> None:
    """Not those of the time when all its members were named."""
    people = full(LISTED + 1)
    people.news()
    leaves(people, "sid-0")
    people.news()
    people.arrive("late", Member("late", "a newcomer"))
    shown = people.show()
    assert (shown.first[0].name, len(shown.first)) == ("a newcomer", FIRST)


def test_names_are_sorted_as_people_read_them() -> None:
    """In capitals or not; and of two who have one name, always the same is first."""
    people = RoomPeople()
    for number, name in enumerate(("bea", "Cleo", "Ana", "bea")):
        people.arrive(f"{number}", Member(f"{9 - number}", name))
    assert [member.id for member in people.show().first] == ["7", "6", "9", "8"]


def test_a_room_where_nothing_changed_has_no_news() -> None:
    people = RoomPeople()
    people.arrive("1", ANA)
    assert people.news() == {"count": 1, "joined": [{"id": "a", "name": "Ana"}]}
    assert people.news() is None
