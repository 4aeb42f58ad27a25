"""Archived rooms: whoever could read them can, and nobody writes in them until they are brought back."""

from typing import Any

import pytest
from relay import Put

from tests.unit.chat.events.guarded import (
    Somebody,
    come_in,
    device,
    is_known,
    made_up,
    private_room,
    somebody,
)
from tests.unit.chat.events.moderated import CODE
from tests.unit.visitors import browser, sign_in
from tests.unit.wire import Chat


@pytest.fixture
async def mia(moderated: Chat) -> Somebody:
    """A moderator with a cookie."""
    async with browser(moderated) as visitor:
        await sign_in(visitor, name="Mia")
        await visitor.post("/moderate", data={"code": CODE})
        one = await device(moderated, visitor.cookies["tertulia"])
    await is_known(moderated, one.id)
    return one


async def archives(one: Somebody, room: str, archived: bool = True) -> Any:
    return await one.asks("archive", {"room": room, "archived": archived})


async def test_a_moderator_archives_an_open_room_and_brings_it_back(moderated: Chat, mia: Somebody) -> None:
    """Those in the room are told, moderators don't write there either, and the audit log has it."""
    room = "old-plans"
    ana = await somebody(moderated, "Ana")
    await come_in(room, ana, mia)
    await ana.client.say("kept", {"room": room})
    about = {"kind": "open", "title": "", "topic": "", "archived": True}
    assert await archives(mia, room) == {"ok": True, "room": room, "about": about}
    assert await ana.is_told("described", room) == {"room": room, "title": "", "topic": "", "archived": True}
    for each in ana, mia:
        refused = await each.client.say("more", {"room": room})
        assert (refused["error"], "retry_after" in refused) == ("archived", False)
        assert (await each.asks("typing", {"room": room, "typing": True}))["error"] == "archived"
    joined = await ana.asks("join", {"room": room})
    assert ([each["text"] for each in joined["messages"]], joined["about"]) == (["kept"], about)
    assert (await ana.rooms())[room]["about"] == about
    read = await ana.asks("read", {"room": room, "seq": 1, "epoch": joined["epoch"]})
    assert read["read"] == 1
    assert (await archives(mia, room, False))["about"] == {"kind": "open", "title": "", "topic": ""}
    assert (await ana.client.say("again", {"room": room}))["seq"] == 2
    done = [(each["what"], each.get("room")) for each in (await mia.asks("audit"))["entries"]]
    assert done[:2] == [("bring back", room), ("archive", room)]


async def test_makers_archive_their_private_room_and_other_members_dont(
    moderated: Chat, mia: Somebody
) -> None:
    """Moderators who are members do. The audit log has nothing of what makers do, and not which room."""
    ana, ben = await somebody(moderated, "Ana"), await somebody(moderated, "Ben")
    room = await private_room(ana, ben)
    assert (await archives(ben, room))["reason"] == "makers_only"
    refused = await archives(mia, room)
    assert refused == await archives(mia, made_up())
    assert refused["reason"] == "unknown_room"
    assert (await archives(ana, room))["about"]["archived"]
    assert (await ben.is_told("described", room))["archived"]
    for each in ana, ben:
        assert (await each.client.say("more", {"room": room}))["error"] == "archived"
    assert "archive" not in str(await mia.asks("audit"))
    await archives(ana, room, False)
    await ana.asks("invite", {"room": room, "person": mia.id})
    assert (await archives(mia, room))["ok"]
    audit = await mia.asks("audit")
    assert (audit["entries"][0]["what"], audit["entries"][0]["kind"]) == ("archive", "private")
    assert room not in str(audit)


async def test_nobody_is_added_to_an_archived_room_and_it_keeps_its_title(moderated: Chat) -> None:
    ana, ben = await somebody(moderated, "Ana"), await somebody(moderated, "Ben")
    room = await private_room(ana)
    await archives(ana, room)
    assert (await ana.asks("invite", {"room": room, "person": ben.id}))["error"] == "archived"
    assert (await ana.asks("describe", {"room": room, "title": "Other"}))["error"] == "archived"
    await archives(ana, room, False)
    assert (await ana.asks("invite", {"room": room, "person": ben.id}))["ok"]
    assert (await ana.asks("describe", {"room": room, "title": "Other"}))["ok"]


async def test_who_is_put_out_of_an_archived_room_learns_nothing_of_it(moderated: Chat) -> None:
    ana, ben = await somebody(moderated, "Ana"), await somebody(moderated, "Ben")
    room = await private_room(ana, ben)
    await archives(ana, room)
    assert (await ana.asks("remove", {"room": room, "person": ben.id}))["ok"]
    assert (await ben.client.say("still here", {"room": room}))["reason"] == "unknown_room"
    assert (await archives(ben, room))["reason"] == "unknown_room"


async def test_no_worker_lets_a_message_through_that_did_not_hear_of_it(moderated: Chat) -> None:
    """The append itself asks the record. A message that was kept before is answered as it was."""
    ana = await somebody(moderated, "Ana")
    private = await private_room(ana)
    for room in "unheard", private:
        await come_in(room, ana)
        first = await ana.client.say("before", {"room": room, "id": "kept-1"})
        await moderated.relay.manager.records.change(room, Put(f"room:{room}", "archived", b"1", 0, 16))
        assert (await ana.client.say("after", {"room": room}))["error"] == "archived"
        assert await ana.client.say("before", {"room": room, "id": "kept-1"}) == first


async def test_the_lobby_and_direct_rooms_are_never_archived(moderated: Chat, mia: Somebody) -> None:
    ana = await somebody(moderated, "Ana")
    direct = (await mia.asks("create", {"kind": "direct", "people": [ana.id]}))["room"]
    refused = await archives(mia, direct)
    assert (refused["error"], refused["reason"]) == ("forbidden", "direct_room")
    refused = await archives(mia, "lobby")
    assert (refused["error"], refused["reason"]) == ("invalid", "lobby")
    assert (await archives(ana, "open-to-all"))["error"] == "forbidden"


async def test_a_moderator_deletes_what_is_in_an_archived_room(moderated: Chat, mia: Somebody) -> None:
    room = "old-quarrel"
    await come_in(room, mia)
    said = await mia.client.say("not nice", {"room": room})
    await archives(mia, room)
    assert (await mia.asks("delete", {"room": room, "seq": said["seq"], "id": said["id"]}))["ok"]
    page = await mia.asks("history", {"room": room})
    assert "not nice" not in str(page)


async def test_who_is_muted_archives_nothing(moderated: Chat, mia: Somebody) -> None:
    ana = await somebody(moderated, "Ana")
    room = await private_room(ana)
    await mia.asks("mute", {"person": ana.id})
    assert (await archives(ana, room))["error"] == "muted"


async def test_a_room_that_is_asked_for_again_is_still_archived(moderated: Chat) -> None:
    ana = await somebody(moderated, "Ana")
    wanted = {"kind": "private", "title": "Plans", "id": "once-more"}
    room = (await ana.asks("create", wanted))["room"]
    await archives(ana, room)
    assert (await ana.asks("create", wanted))["about"]["archived"]
