"""relay.client on a server that answers as told: rooms without a hole."""

import pytest
from relay.client import Place

from tests.support.waiting import soon
from tests.unit.relay.recovery.fake_rooms import FakeRooms, Shown, live


async def test_it_shows_what_the_log_has_and_then_what_comes(rooms: FakeRooms) -> None:
    rooms.keep("one")
    shown = Shown(rooms)
    assert shown.room.place is None
    rooms.up()
    await live(shown)
    rooms.keep("two")
    rooms.deliver(2)
    assert shown.data == ["one", "two"]
    assert shown.room.place == Place("first", 2)
    assert rooms.told("join") == [{"room": "tea"}]


async def test_it_resumes_with_the_highest_number_and_the_epoch_page_by_page(rooms: FakeRooms) -> None:
    rooms.keep(0)
    shown = Shown(rooms)
    rooms.up()
    await live(shown)
    rooms.down()
    for number in range(1, 451):
        rooms.keep(number)
    rooms.up()
    await live(shown)
    assert rooms.told("join")[1] == {"room": "tea", "after": 1, "epoch": "first"}
    assert (shown.data, shown.resets) == ([*range(451)], 1)


async def test_it_drops_repetitions(rooms: FakeRooms) -> None:
    for data in "abc":
        rooms.keep(data)
    shown = Shown(rooms)
    rooms.up()
    await live(shown)
    rooms.deliver(3, 2, 3)
    assert (shown.numbers, shown.room.live) == ([1, 2, 3], True)


async def test_it_fills_a_hole_before_it_shows_what_lies_beyond(rooms: FakeRooms) -> None:
    rooms.keep("one")
    shown = Shown(rooms)
    rooms.up()
    await live(shown)
    for data in "abc":
        rooms.keep(data)
    rooms.deliver(4, 3)
    assert shown.numbers == [1]
    await live(shown)
    assert shown.data == ["one", "a", "b", "c"]


async def test_it_starts_over_when_a_join_says_so(rooms: FakeRooms) -> None:
    for data in "abc":
        rooms.keep(data)
    shown = Shown(rooms)
    rooms.up()
    await live(shown)
    rooms.down()
    rooms.start_over("second")
    rooms.keep("new")
    rooms.up()
    await live(shown)
    assert (shown.data, shown.room.place) == (["new"], Place("second", 1))


@pytest.mark.parametrize("epoch", ["first", "second"])
async def test_it_starts_over_when_an_entry_is_of_another_log(rooms: FakeRooms, epoch: str) -> None:
    """By its epoch, or because another entry has its number: the log was restored."""
    for data in "abc":
        rooms.keep(data)
    shown = Shown(rooms)
    rooms.up()
    await live(shown)
    rooms.start_over(epoch)
    rooms.keep("new")
    rooms.deliver(1)
    await soon(lambda: shown.data == ["new"], what="the new log to be shown")


async def test_what_waited_beyond_a_hole_is_not_asked_for_after_a_break(rooms: FakeRooms) -> None:
    """The log may have been restored meanwhile, without it."""
    rooms.keep("one")
    shown = Shown(rooms)
    rooms.up()
    await live(shown)
    for data in "ab":
        rooms.keep(data)
    rooms.deliver(3)
    rooms.down()
    del rooms.log[1:]
    rooms.up()
    await live(shown)
    assert (shown.data, rooms.told("history")) == (["one"], [])


async def test_an_empty_log_gets_its_epoch_with_its_first_entry(rooms: FakeRooms) -> None:
    rooms.epoch = ""
    shown = Shown(rooms)
    rooms.up()
    await live(shown)
    rooms.epoch = "first"
    rooms.keep("one")
    rooms.deliver(1)
    assert (shown.data, shown.resets, shown.room.place) == (["one"], 1, Place("first", 1))
    assert len(rooms.told("join")) == 1


async def test_it_goes_on_after_a_place_that_was_remembered(rooms: FakeRooms) -> None:
    for data in "abc":
        rooms.keep(data)
    shown = Shown(rooms, Place("first", 2))
    rooms.up()
    await live(shown)
    assert (shown.data, shown.resets) == (["c"], 0)


async def test_a_room_that_is_refused_is_told_and_asked_for_after_the_next_connect(rooms: FakeRooms) -> None:
    rooms.join_refusal = {"ok": False, "error": "forbidden", "detail": "No."}
    shown = Shown(rooms)
    rooms.up()
    await soon(lambda: shown.refusals == [("forbidden", None)], what="the refusal to be told")
    rooms.down()
    rooms.join_refusal = None
    rooms.up()
    await live(shown)
    assert len(rooms.told("join")) == 2


async def test_a_room_that_was_left_is_neither_joined_nor_shown(rooms: FakeRooms) -> None:
    shown = Shown(rooms)
    answer = shown.room.append("a")
    await shown.room.leave()
    assert (await answer)["error"] == "closed"
    assert shown.refusals == []
    rooms.up()
    assert (rooms.listeners, rooms.asked, shown.room.unsent) == ([], [], [])


async def test_an_error_of_the_application_ends_nothing(
    rooms: FakeRooms, caplog: pytest.LogCaptureFixture
) -> None:
    shown = Shown(rooms)
    shown.fails = True
    rooms.keep("one")
    rooms.up()
    await live(shown)
    rooms.keep("two")
    rooms.deliver(2)
    assert shown.data == ["one", "two"]
    assert "A callback of the room tea failed." in caplog.text
