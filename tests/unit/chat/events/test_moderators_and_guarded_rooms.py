"""Moderators in private rooms: who is no member has no say there, and learns nothing."""

from typing import Any

import pytest

from tests.unit.chat.events.guarded import Somebody, device, is_known, made_up, private_room, somebody
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
    assert (await one.client.who())["moderator"]
    await is_known(moderated, one.id)
    return one


ORDERS: list[tuple[str, dict[str, Any]]] = [
    ("delete", {"seq": 2, "id": "said-1"}),
    ("purge", {}),
    ("lock", {"locked": True}),
    ("slow", {"seconds": 30}),
]


@pytest.mark.parametrize(("order", "options"), ORDERS, ids=[order for order, _ in ORDERS])
async def test_who_is_no_member_gets_the_answer_to_a_guess(
    moderated: Chat, mia: Somebody, order: str, options: dict[str, Any]
) -> None:
    ana = await somebody(moderated, "Ana")
    room = await private_room(ana)
    await ana.client.say("ours", {"room": room, "id": "said-1"})
    refused = await mia.asks(order, {"room": room, **options})
    assert refused == await mia.asks(order, {"room": made_up(), **options})
    assert refused["reason"] == "unknown_room"
    page = await ana.asks("history", {"room": room})
    assert [each.get("text") for each in page["messages"]] == [None, "ours"]
    audit = await mia.asks("audit", {})
    assert room not in str(audit)


async def test_a_moderator_who_is_a_member_moderates_and_the_audit_does_not_say_where(
    moderated: Chat, mia: Somebody
) -> None:
    ana = await somebody(moderated, "Ana")
    room = await private_room(ana, mia)
    await ana.client.say("ours", {"room": room, "id": "said-1"})
    for order, options in ORDERS[0], *ORDERS[2:]:
        assert (await mia.asks(order, {"room": room, **options}))["ok"], order
    page = await ana.asks("history", {"room": room})
    assert [each.get("text") for each in page["messages"]] == [None, None, None]
    assert (await ana.client.say("more", {"room": room}))["error"] == "locked"
    audit = await mia.asks("audit", {})
    assert room not in str(audit)
    assert {entry["what"]: entry.get("kind") for entry in audit["entries"]}["slow"] == "private"


async def test_a_purge_of_what_somebody_wrote_leaves_private_rooms_alone(
    moderated: Chat, mia: Somebody
) -> None:
    ana = await somebody(moderated, "Ana")
    room = await private_room(ana)
    await ana.client.say("ours", {"room": room})
    await ana.client.say("everybody's")
    answer = await mia.asks("purge", {"person": ana.id})
    assert answer == {"ok": True, "purged": 1}
    page = await ana.asks("history", {"room": room})
    assert [each.get("text") for each in page["messages"]] == [None, "ours"]


async def test_a_moderator_is_told_of_an_invitation(moderated: Chat, mia: Somebody) -> None:
    ana = await somebody(moderated, "Ana")
    room = await private_room(ana, mia)
    assert (await mia.is_told("invited", room))["by"]["name"] == "Ana"
    assert await ana.asks("remove", {"room": room, "person": mia.id}) == {"ok": True, "room": room}
    await mia.is_told("removed", room)
    assert (await mia.client.say("still here", {"room": room}))["reason"] == "unknown_room"


async def test_moderators_say_what_an_open_room_is_called(moderated: Chat, mia: Somebody) -> None:
    ana = await somebody(moderated, "Ana")
    await ana.asks("join", {"room": "tea"})
    refused = await ana.asks("describe", {"room": "tea", "title": "Mine"})
    assert refused["error"] == "forbidden"
    answer = await mia.asks("describe", {"room": "tea", "title": "Té", "topic": "Green"})
    assert answer["about"] == {"kind": "open", "title": "Té", "topic": "Green"}
    assert await ana.is_told("described", "tea") == {"room": "tea", "title": "Té", "topic": "Green"}
    assert (await ana.rooms())["tea"]["about"]["title"] == "Té"
    assert (await mia.asks("describe", {"room": "tea", "title": ""}))["about"]["title"] == ""


async def test_who_is_muted_makes_no_rooms(moderated: Chat, mia: Somebody) -> None:
    ana = await somebody(moderated, "Ana")
    await mia.asks("mute", {"person": ana.id})
    refused = await ana.asks("create", {"kind": "direct", "people": [mia.id]})
    assert refused["error"] == "muted"
