"""Makers keep order in their private rooms, and nowhere else. See test_moderators_and_guarded_rooms.py."""

from tests.unit.chat.events.guarded import Somebody, private_room, somebody
from tests.unit.chat.events.moderated import moderator
from tests.unit.wire import Chat


async def says(one: Somebody, room: str, text: str) -> dict[str, object]:
    """Write a message, and return what names it."""
    said = await one.client.say(text, {"room": room})
    return {"room": room, "seq": said["seq"], "id": said["id"]}


async def test_a_maker_deletes_what_others_wrote_in_the_room(moderated: Chat) -> None:
    """Other members don't, and the audit log is the moderators'."""
    ana, ben, cleo, eva = [await somebody(moderated, name) for name in ("Ana", "Ben", "Cleo", "Eva")]
    room = await private_room(ana, ben, cleo)
    message = await says(ben, room, "not so nice")
    assert (await cleo.asks("delete", message))["reason"] == "makers_only"
    assert (await eva.asks("delete", message))["reason"] == "unknown_room"
    assert (await ana.asks("delete", message))["ok"]
    page = await ben.asks("history", {"room": room})
    assert "not so nice" not in str(page)
    mia = await moderator(moderated)
    assert (await mia.asks("audit"))["entries"] == []


async def test_a_maker_deletes_nothing_elsewhere(moderated: Chat) -> None:
    """Not in an open room, nor in a direct one: there people delete their own."""
    ana, ben = await somebody(moderated, "Ana"), await somebody(moderated, "Ben")
    await private_room(ana, ben)
    direct = (await ana.asks("create", {"kind": "direct", "people": [ben.id]}))["room"]
    for room, error in ("lobby", None), (direct, "makers_only"):
        for each in ana, ben:
            assert (await each.asks("join", {"room": room}))["ok"]
        his = await says(ben, room, "his own")
        refused = await ana.asks("delete", his)
        assert (refused["error"], refused.get("reason")) == ("forbidden", error)
        assert (await ben.asks("delete", his))["ok"]
