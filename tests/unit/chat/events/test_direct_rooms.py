"""Direct rooms: the same people, the same room."""

import asyncio
import re

from relay import Drop

from tests.support.waiting import PATIENCE
from tests.unit.chat.events.guarded import Somebody, come_in, made_up, somebody
from tests.unit.wire import Chat


async def conversation(one: Somebody, *others: Somebody) -> str:
    """The address of the direct room of these people, all of whom are in it."""
    made = await one.asks("create", {"kind": "direct", "people": [each.id for each in others]})
    assert made["ok"], made
    await come_in(made["room"], one, *others)
    return str(made["room"])


async def test_the_same_people_have_the_same_room_whoever_begins(chat: Chat) -> None:
    ana, ben, cem = [await somebody(chat, name) for name in ("Ana", "Ben", "Cem")]
    made = await ana.asks("create", {"kind": "direct", "people": [ben.id]})
    room = made["room"]
    assert re.fullmatch("d-[a-z2-7]{26}", room)
    about = {"kind": "direct", "title": "", "topic": ""}
    assert made["about"] == about | {"others": [{"id": ben.id, "name": "Ben"}]}
    invited = await ben.is_told("invited", room)
    assert invited["about"] == about | {"others": [{"id": ana.id, "name": "Ana"}]}
    assert (await ben.rooms())[room]["about"] == invited["about"]
    assert (await ben.asks("create", {"kind": "direct", "people": [ana.id, ben.id]}))["room"] == room
    three = await ana.asks("create", {"kind": "direct", "people": [cem.id, ben.id]})
    assert three["room"] != room
    assert (await cem.asks("create", {"kind": "direct", "people": [ana.id, ben.id]}))["room"] == three["room"]


async def test_others_cannot_find_it(chat: Chat) -> None:
    ana, ben, eve = [await somebody(chat, name) for name in ("Ana", "Ben", "Eve")]
    room = await conversation(ana, ben)
    refused = await eve.asks("join", {"room": room})
    assert refused == await eve.asks("join", {"room": made_up("d")})
    assert refused["reason"] == "unknown_room"


async def test_who_has_left_finds_it_again_when_somebody_writes(chat: Chat) -> None:
    """Until then it is gone on all devices. Nobody writes to somebody who does not get it."""
    ana, ben = await somebody(chat, "Ana"), await somebody(chat, "Ben")
    room = await conversation(ana, ben)
    await ana.client.say("one", {"room": room})
    assert await ben.asks("leave", {"room": room}) == {"ok": True}
    assert room not in await ben.rooms()
    assert (await ben.client.say("two", {"room": room}))["reason"] == "unknown_room"
    ben.told.clear()
    assert (await ana.client.say("three", {"room": room}))["ok"]
    assert (await ben.is_told("invited", room))["by"]["name"] == "Ana"
    assert room in await ben.rooms()
    joined = await ben.asks("join", {"room": room})
    assert [each.get("text") for each in joined["messages"]] == [None, "one", "three"]


async def test_who_has_left_comes_back_by_beginning_it_again(chat: Chat) -> None:
    ana, ben = await somebody(chat, "Ana"), await somebody(chat, "Ben")
    room = await conversation(ana, ben)
    await ana.client.say("one", {"room": room})
    await ben.asks("leave", {"room": room})
    assert await conversation(ben, ana) == room
    joined = await ben.asks("join", {"room": room})
    assert [each.get("text") for each in joined["messages"]] == [None, "one"]


async def test_when_all_have_left_what_was_written_is_gone(chat: Chat) -> None:
    ana, ben = await somebody(chat, "Ana"), await somebody(chat, "Ben")
    room = await conversation(ana, ben)
    await ana.client.say("one", {"room": room})
    await ana.asks("leave", {"room": room})
    await ben.asks("leave", {"room": room})
    assert room not in await chat.relay.manager.log.logs()
    assert await conversation(ana, ben) == room
    assert len((await ben.asks("join", {"room": room}))["messages"]) == 1


async def test_nobody_is_added_put_out_or_called_otherwise(chat: Chat) -> None:
    ana, ben, cem = [await somebody(chat, name) for name in ("Ana", "Ben", "Cem")]
    room = await conversation(ana, ben)
    for event, options in (
        ("invite", {"person": cem.id}),
        ("remove", {"person": ben.id}),
        ("describe", {"title": "Ours"}),
    ):
        refused = await ana.asks(event, {"room": room, **options})
        assert (refused["error"], refused["reason"]) == ("forbidden", "direct_room"), event
    listed = (await ben.asks("members", {"room": room}))["members"]
    assert {each["name"] for each in listed} == {"Ana", "Ben"}


async def test_it_is_for_two_to_eight(chat: Chat) -> None:
    ana = await somebody(chat, "Ana")
    for people in [], [ana.id], [f"{number}" for number in range(8)], "somebody", [7]:
        refused = await ana.asks("create", {"kind": "direct", "people": people})
        assert refused["error"] == "invalid", people


async def test_a_list_that_could_not_be_written_heals(chat: Chat) -> None:
    """The room's record is the truth; whoever comes by its address has it among their rooms again."""
    ana, ben = await somebody(chat, "Ana"), await somebody(chat, "Ben")
    room = await conversation(ana, ben)
    for one in ana, ben:
        await chat.relay.manager.records.change(one.id, Drop(f"rooms:{one.id}", room))
    assert room not in await ana.rooms()
    await come_in(room, ana)
    assert room in await ana.rooms()
    ben.told.clear()
    await ana.asks("create", {"kind": "direct", "people": [ben.id]})
    await ben.is_told("invited", room)
    assert room in await ben.rooms()


async def test_a_list_that_has_a_room_in_vain_heals(chat: Chat) -> None:
    ana, ben = await somebody(chat, "Ana"), await somebody(chat, "Ben")
    room = await conversation(ana, ben)
    records = chat.relay.manager.records
    await records.change(room, Drop(f"members:{room}", ben.id), Drop(f"room:{room}", "whole"))
    assert room not in await ben.rooms()
    assert not records.has(f"rooms:{ben.id}", room)


async def test_the_others_are_called_by_the_names_they_have_now(chat: Chat) -> None:
    ana, ben = await somebody(chat, "Ana"), await somebody(chat, "Ben")
    room = await conversation(ana, ben)
    renamed = await chat.http.post(
        "/sign-in", data={"name": "Benjamin"}, headers={"Cookie": f"tertulia={ben.cookie}"}
    )
    cookie = renamed.cookies["tertulia"]
    chat.http.cookies.clear()
    again = await chat.client("websocket", cookie=cookie)
    assert (await again.who())["id"] == ben.id

    async with asyncio.timeout(PATIENCE):
        while (await ana.rooms())[room]["about"]["others"] != [{"id": ben.id, "name": "Benjamin"}]:
            await asyncio.sleep(0.05)
