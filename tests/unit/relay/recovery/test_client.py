"""relay.client on a server that answers as told: rooms without a hole, and an outbox."""

import asyncio
from typing import Any

import pytest
from relay.client import Place

from tests.support.waiting import soon
from tests.unit.relay.recovery.fake_rooms import FakeRooms, Shown


@pytest.fixture
def rooms() -> FakeRooms:
    return FakeRooms()


def live(shown: Shown) -> Any:
    return soon(lambda: shown.room.live, what="the room to be live")


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


async def test_what_was_appended_before_is_sent_in_order_and_shown_once(rooms: FakeRooms) -> None:
    shown = Shown(rooms)
    answers = [shown.room.append(data) for data in "abc"]
    assert [each["data"] for each in shown.room.unsent] == ["a", "b", "c"]
    rooms.up()
    assert [(answer["ok"], answer["seq"]) for answer in await asyncio.gather(*answers)] == [
        (True, 1),
        (True, 2),
        (True, 3),
    ]
    rooms.deliver(1, 2, 3)
    assert (shown.data, shown.room.unsent) == (["a", "b", "c"], [])


async def test_one_is_on_its_way_at_a_time(rooms: FakeRooms) -> None:
    rooms.held = asyncio.Event()
    shown = Shown(rooms)
    rooms.up()
    answers = [shown.room.append(data) for data in "ab"]
    await soon(lambda: rooms.appended, what="the first to be sent")
    await asyncio.sleep(0)
    assert rooms.appended == ["a"]
    rooms.held.set()
    await asyncio.gather(*answers)
    assert rooms.appended == ["a", "b"]


async def test_an_entry_without_an_answer_is_sent_again_under_its_id_before_the_next(
    rooms: FakeRooms,
) -> None:
    rooms.lost = 1
    shown = Shown(rooms)
    rooms.up()
    answers = [shown.room.append(data) for data in "ab"]
    assert [answer["seq"] for answer in await asyncio.gather(*answers)] == [1, 2]
    assert rooms.appended == ["a", "a", "b"]
    assert [entry["data"] for entry in rooms.log] == ["a", "b"]
    assert len(bytes.fromhex(rooms.log[0]["id"])) == 16


async def test_an_entry_that_is_shown_is_acknowledged_even_if_its_answer_was_lost(rooms: FakeRooms) -> None:
    rooms.held = asyncio.Event()
    shown = Shown(rooms)
    rooms.up()
    answer = shown.room.append("a")
    await soon(lambda: rooms.log, what="it to be kept")
    rooms.deliver(1)
    id = rooms.log[0]["id"]
    assert await answer == {"ok": True, "id": id, "room": "tea", "epoch": "first", "seq": 1, "at": 1001}
    rooms.down()
    rooms.held.set()
    rooms.up()
    await live(shown)
    assert (rooms.appended, shown.data) == (["a"], ["a"])


@pytest.mark.parametrize("error", ["rate_limited", "forbidden"])
async def test_it_waits_as_long_as_the_server_says(rooms: FakeRooms, error: str) -> None:
    rooms.refusals = [{"ok": False, "error": error, "retry_after": 0.7}]
    shown = Shown(rooms)
    rooms.up()
    began = asyncio.get_running_loop().time()
    assert (await shown.room.append("a"))["ok"]
    assert asyncio.get_running_loop().time() - began >= 0.7
    assert (rooms.appended, shown.refusals) == (["a", "a"], [])


@pytest.mark.parametrize("error", ["invalid", "forbidden", "too_large", "id_taken"])
async def test_a_final_refusal_is_told_and_the_next_goes_on(rooms: FakeRooms, error: str) -> None:
    refusal = {"ok": False, "error": error, "detail": "Why."}
    rooms.refusals = [refusal]
    shown = Shown(rooms)
    rooms.up()
    bad, good = shown.room.append("bad"), shown.room.append("good")
    assert await bad == refusal
    assert (await good)["ok"]
    assert (shown.refusals, rooms.appended) == ([(error, "bad")], ["bad", "good"])


async def test_an_entry_that_the_server_hangs_up_at_holds_up_nothing(rooms: FakeRooms) -> None:
    shown = Shown(rooms)
    rooms.hung_up = True
    rooms.refusals = [{"ok": False, "error": "unanswered"}] * 3
    rooms.up()
    bad, good = shown.room.append("bad"), shown.room.append("good")
    assert (await bad)["error"] == "invalid"
    assert (await good)["ok"]
    assert rooms.appended == ["bad", "bad", "bad", "good"]


async def test_who_is_not_in_the_room_joins_again_and_sends_it_then(rooms: FakeRooms) -> None:
    shown = Shown(rooms)
    rooms.up()
    await live(shown)
    rooms.refusals = [{"ok": False, "error": "not_joined", "detail": ""}]
    assert (await shown.room.append("a"))["ok"]
    assert [event for event, _ in rooms.asked] == ["join", "append", "join", "append"]


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


async def test_what_is_no_json_is_not_taken(rooms: FakeRooms) -> None:
    shown = Shown(rooms)
    for value in (b"bytes", float("nan")):
        with pytest.raises((TypeError, ValueError)):
            shown.room.append(value)
    assert shown.room.unsent == []


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
