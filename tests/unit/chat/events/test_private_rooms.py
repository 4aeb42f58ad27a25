"""Private rooms: only their members read them, or learn that they exist."""

import re
from typing import Any

import pytest
from relay import Drop

from tests.unit.chat.events.guarded import come_in, device, made_up, private_room, somebody
from tests.unit.visitors import enters
from tests.unit.wire import Chat, Client


async def test_a_room_is_made_and_its_people_are_told(chat: Chat) -> None:
    """They find it among their rooms, on every device, and hear each other."""
    ana, ben = await somebody(chat, "Ana"), await somebody(chat, "Ben")
    bens_phone = await device(chat, ben.cookie)
    made = await ana.asks(
        "create", {"kind": "private", "title": " 計画 ", "topic": "Spring", "people": [ben.id]}
    )
    room = made["room"]
    assert re.fullmatch("p-[a-z2-7]{26}", room)
    about = {"kind": "private", "title": "計画", "topic": "Spring"}
    assert made == {"ok": True, "room": room, "about": about | {"maker": True}}
    for each in ben, bens_phone:
        invited = await each.is_told("invited", room)
        assert invited == {
            "room": room, "about": about | {"maker": False}, "by": {"id": ana.id, "name": "Ana"}
        }  # fmt: skip
        assert (await each.rooms())[room]["about"] == about | {"maker": False}
    assert (await ana.rooms())[room]["about"] == about | {"maker": True}
    joined = await ben.asks("join", {"room": room})
    assert joined["about"] == about | {"maker": False}
    assert [each["made"] for each in joined["messages"]] == ["private"]
    await come_in(room, ana, bens_phone)
    assert (await ana.client.say("hello", {"room": room}))["seq"] == 2
    await ben.client.hears("hello")
    await bens_phone.client.hears("hello")


async def test_an_open_room_says_what_it_is(chat: Chat) -> None:
    ana = await somebody(chat, "Ana")
    about = {"kind": "open", "title": "", "topic": ""}
    assert (await ana.asks("join", {"room": "what-it-is"}))["about"] == about
    assert (await ana.rooms())["what-it-is"]["about"] == about


async def test_the_same_asked_again_makes_no_second_room(chat: Chat) -> None:
    ana, ben = await somebody(chat, "Ana"), await somebody(chat, "Ben")
    wanted = {"kind": "private", "title": "Plans", "id": "again-1"}
    first, second = await ana.asks("create", wanted), await ana.asks("create", wanted)
    assert first == second
    assert (await ben.asks("create", wanted))["room"] != first["room"], "ids belong to people"
    assert len([room for room in await ana.rooms() if room.startswith("p-")]) == 1


ACTS: list[tuple[str, list[Any]]] = [
    ("message", ["hello"]),
    ("join", []),
    ("history", []),
    ("typing", []),
    ("members", []),
    ("invite", []),
    ("remove", []),
    ("describe", []),
    ("read", []),
    ("level", []),
]


@pytest.mark.parametrize(("event", "leading"), ACTS, ids=[event for event, _ in ACTS])
async def test_a_stranger_cannot_tell_a_room_from_an_address_that_is_made_up(
    chat: Chat, event: str, leading: list[Any]
) -> None:
    ana, eve = await somebody(chat, "Ana"), await somebody(chat, "Eve")
    room = await private_room(ana)
    guest = await chat.client("websocket", auth={"name": "Gus"})

    async def asked(client: Client, address: str) -> Any:
        options = {"room": address, "typing": True, "person": ana.id, "title": "Mine"}
        options |= {"seq": 1, "epoch": "", "level": "none"}
        return await client.asks(event, *leading, options)

    for client in eve.client, guest:
        refused = await asked(client, room)
        assert refused == await asked(client, made_up())
        assert (refused["error"], refused["reason"]) == ("no_such_room", "unknown_room")
    assert (await ana.asks("join", {"room": room}))["people"]["count"] == 1
    removals = chat.relay.manager.removals
    left = await eve.asks("leave", {"room": room}), await eve.asks("leave", {"room": made_up()})
    assert left == ({"ok": True}, {"ok": True})
    assert chat.relay.manager.removals == removals, "nobody is taken out for that"
    assert room not in await eve.rooms()


async def test_a_member_who_has_not_joined_is_told_to_join(chat: Chat) -> None:
    ana = await somebody(chat, "Ana")
    room = (await ana.asks("create", {"kind": "private", "title": "Plans"}))["room"]
    for event, arguments in ("message", ["hi", {"room": room}]), ("history", [{"room": room}]):
        assert (await ana.asks(event, *arguments))["error"] == "not_joined"


async def test_who_is_put_out_hears_nothing_more_on_any_device(chat: Chat) -> None:
    ana, ben = await somebody(chat, "Ana"), await somebody(chat, "Ben")
    phone = await device(chat, ben.cookie)
    room = await private_room(ana, ben)
    await come_in(room, phone)
    assert (await ben.client.say("before", {"room": room}))["ok"]
    assert await ana.asks("remove", {"room": room, "person": ben.id}) == {"ok": True, "room": room}
    for each in ben, phone:
        await each.is_told("removed", room)
        assert (await each.asks("join", {"room": room}))["reason"] == "unknown_room"
        assert (await each.client.say("after", {"room": room}))["reason"] == "unknown_room"
        assert (await each.asks("history", {"room": room}))["reason"] == "unknown_room"
        assert room not in await each.rooms()
    assert (await ana.client.say("to myself", {"room": room}))["seq"] == 3
    await ana.client.hears("before", "to myself")
    assert [text for text, _ in ben.client.heard] == ["before"]
    assert await ana.asks("remove", {"room": room, "person": ben.id}) == {"ok": True, "room": room}


async def test_a_message_of_who_is_no_member_is_not_kept_even_if_the_worker_missed_it(chat: Chat) -> None:
    """The append itself asks."""
    ana, ben = await somebody(chat, "Ana"), await somebody(chat, "Ben")
    room = await private_room(ana, ben)
    await chat.relay.manager.records.change(room, Drop(f"members:{room}", ben.id))
    assert (await ben.client.say("still here", {"room": room}))["reason"] == "unknown_room"
    assert (await ana.client.say("first", {"room": room}))["seq"] == 2
    await ana.client.hears("first")
    assert ben.client.heard == []


async def test_members_add_others_and_only_makers_put_them_out(chat: Chat) -> None:
    ana, ben, cem = [await somebody(chat, name) for name in ("Ana", "Ben", "Cem")]
    room = await private_room(ana, ben)
    added = await ben.asks("invite", {"room": room, "person": cem.id})
    assert added == {"ok": True, "room": room, "person": {"id": cem.id, "name": "Cem"}}
    assert (await cem.is_told("invited", room))["by"]["name"] == "Ben"
    assert await ben.asks("invite", {"room": room, "person": cem.id}) == added, "once more changes nothing"
    await come_in(room, cem)
    listed = (await cem.asks("members", {"room": room}))["members"]
    assert {each["name"]: each.get("maker") for each in listed} == {"Ana": True, "Ben": None, "Cem": None}
    refused = await ben.asks("remove", {"room": room, "person": cem.id})
    assert (refused["error"], refused["reason"]) == ("forbidden", "makers_only")
    assert (await ben.asks("describe", {"room": room, "title": "Mine"}))["reason"] == "makers_only"
    assert (await ana.asks("remove", {"room": room, "person": ana.id}))["error"] == "invalid"


async def test_somebody_who_is_not_known_here_cannot_be_added(chat: Chat) -> None:
    ana = await somebody(chat, "Ana")
    guest = await chat.client("websocket", auth={"name": "Gus"})
    room = await private_room(ana)
    for person in "nobody", (await guest.who())["id"]:
        refused = await ana.asks("invite", {"room": room, "person": person})
        assert (refused["error"], refused["reason"], refused["person"]) == (
            "invalid", "unknown_person", person
        )  # fmt: skip
    refused = await guest.asks("create", {"kind": "private", "title": "Plans"})
    assert (refused["error"], refused["reason"]) == ("forbidden", "cookie_needed")


async def test_who_leaves_has_left_on_all_devices(chat: Chat) -> None:
    """The longest member takes over from the last maker."""
    ana, ben, cem = [await somebody(chat, name) for name in ("Ana", "Ben", "Cem")]
    phone = await device(chat, ana.cookie)
    room = await private_room(ana, ben)
    await ben.asks("invite", {"room": room, "person": cem.id})
    await come_in(room, phone)
    assert await ana.asks("leave", {"room": room}) == {"ok": True}
    await phone.is_told("removed", room)
    assert ana.told == [], "the device that asked knows it"
    assert room not in await phone.rooms()
    assert (await phone.client.say("hi", {"room": room}))["reason"] == "unknown_room"
    listed = (await ben.asks("members", {"room": room}))["members"]
    assert [(each["name"], each.get("maker")) for each in listed] == [("Ben", True), ("Cem", None)]


async def test_with_its_last_member_a_room_ends(chat: Chat) -> None:
    ana = await somebody(chat, "Ana")
    room = await private_room(ana)
    await ana.client.say("gone soon", {"room": room})
    await ana.asks("leave", {"room": room})
    manager = chat.relay.manager
    assert room not in await manager.log.logs()
    assert not any(name.endswith(room) for name in manager.records._kept)


async def test_makers_say_what_a_room_is_called(chat: Chat) -> None:
    ana, ben = await somebody(chat, "Ana"), await somebody(chat, "Ben")
    room = await private_room(ana, ben)
    answer = await ana.asks("describe", {"room": room, "title": "Pläne"})
    assert answer["about"] == {"kind": "private", "title": "Pläne", "topic": "", "maker": True}
    assert await ben.is_told("described", room) == {"room": room, "title": "Pläne", "topic": ""}
    assert (await ben.rooms())[room]["about"]["title"] == "Pläne"


TITLES = [
    ({"title": " "}, "title_empty"),
    ({"title": "x" * 81}, "title_too_long"),
    ({"title": "a\u202eb"}, "title_unseen_character"),
    ({"title": "\u0301"}, "title_without_letter"),
    ({"title": "x", "topic": "x" * 251}, "topic_too_long"),
    ({"title": "x", "topic": "a\nb"}, "topic_unseen_character"),
]


@pytest.mark.parametrize(("about", "reason"), TITLES, ids=[reason for _, reason in TITLES])
async def test_a_title_that_cannot_be_is_refused_with_a_reason(
    chat: Chat, about: dict[str, str], reason: str
) -> None:
    ana = await somebody(chat, "Ana")
    refused = await ana.asks("create", {"kind": "private", **about})
    assert (refused["ok"], refused["reason"]) == (False, reason)


async def test_an_old_open_room_whose_name_begins_alike_stays_open(chat: Chat) -> None:
    one, other = await enters(chat, "One", "p-tea"), await enters(chat, "Other", "p-tea")
    assert (await one.say("hi", {"room": "p-tea"}))["ok"]
    await other.hears("hi")


async def test_presence_is_told_to_members_alone(chat: Chat) -> None:
    ana, ben, eve = [await somebody(chat, name) for name in ("Ana", "Ben", "Eve")]
    room = await private_room(ana, ben)
    await eve.asks("join", {"room": room})
    assert (await ana.asks("join", {"room": room}))["people"]["count"] == 2
    assert all(told["room"] != room for told in eve.client.presence)


async def test_a_leaving_that_broke_off_is_finished_when_it_is_asked_for_again(chat: Chat) -> None:
    """What was written is deleted then, too."""
    ana = await somebody(chat, "Ana")
    room = await private_room(ana)
    await ana.client.say("gone soon", {"room": room})
    await chat.relay.manager.records.change(room, Drop(f"members:{room}", ana.id))
    assert await ana.asks("leave", {"room": room}) == {"ok": True}
    assert room not in await chat.relay.manager.log.logs()
    assert not any(name.endswith(room) for name in chat.relay.manager.records._kept)
    assert room not in await ana.rooms()
