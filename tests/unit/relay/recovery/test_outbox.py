"""relay.client on a server that answers as told: what is appended arrives once and in order."""

import asyncio

import pytest

from tests.support.waiting import soon
from tests.unit.relay.recovery.fake_rooms import FakeRooms, Shown, live


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


async def test_what_is_no_json_is_not_taken(rooms: FakeRooms) -> None:
    shown = Shown(rooms)
    for value in (b"bytes", float("nan")):
        with pytest.raises((TypeError, ValueError)):
            shown.room.append(value)
    assert shown.room.unsent == []
