"""Rooms over the wire: made by going there, remembered, limited; who is in them, and who types."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from chat.settings import Settings

from tests.unit.visitors import cookie_of, enters
from tests.unit.wire import Chat, Client


@pytest.fixture
async def small(bundle: Path) -> AsyncIterator[Chat]:
    """A chat with three rooms a person and five in all, and nobody in it."""
    async with Chat(
        Settings(
            port=0,
            client_bundle=bundle,
            rooms_per_person=3,
            rooms_in_all=5,
            rooms_per_day=7,
            people_per_address=2,
        )
    ) as chat:
        yield chat


async def test_a_persons_rooms_are_remembered_with_how_far_they_have_come(chat: Chat) -> None:
    """On another connection, until left; the lobby always."""
    cookie = await cookie_of(chat, "Ana")
    ana = await chat.client("websocket", cookie=cookie)
    for room in ("tea", "coffee"):
        await ana.asks("join", {"room": room})
    said = await ana.say("hello", {"room": "tea"})
    await ana.disconnect()
    again = await chat.client("websocket", cookie=cookie)
    answer = await again.asks("rooms")
    assert [room["room"] for room in answer["rooms"]] == ["lobby", "coffee", "tea"]
    assert [room.pop("about")["kind"] for room in answer["rooms"]] == ["open", "open", "open"]
    assert answer["rooms"][2] == {"room": "tea", "epoch": said["epoch"], "head": said["seq"], "level": "all"}
    assert answer["rooms"][1] == {"room": "coffee", "epoch": "", "head": 0, "level": "all"}
    await again.asks("leave", {"room": "tea"})
    assert [room["room"] for room in (await again.asks("rooms"))["rooms"]] == ["lobby", "coffee"]
    await again.disconnect()


async def test_a_person_can_be_in_so_many_rooms(small: Chat) -> None:
    """Those there already can be joined again, and leaving one makes place."""
    ana = await enters(small, "Ana", "a", "b", "c")
    refused = await ana.asks("join", {"room": "d"})
    assert (refused["ok"], refused["error"]) == (False, "limit")
    assert "3 rooms" in refused["detail"]
    assert (await ana.say("hello", {"room": "d"}))["error"] == "not_joined"
    assert (await ana.asks("join", {"room": "a"}))["ok"]
    assert (await ana.asks("join", {"room": "lobby"}))["ok"]
    await ana.asks("leave", {"room": "a"})
    assert (await ana.asks("join", {"room": "d"}))["ok"]
    await ana.disconnect()


async def writes(client: Client, *rooms: str) -> list[str]:
    """The error codes of a message to each room, "" where it was taken."""
    answers = []
    for room in rooms:
        assert (await client.asks("join", {"room": room}))["ok"]
        answers.append((await client.say("hello", {"room": room})).get("error", ""))
        await client.asks("leave", {"room": room})
    return answers


async def test_a_room_counts_when_something_is_written_in_it(small: Chat) -> None:
    """Going to rooms makes none, however many; what is over the limit is said, and the lobby never is."""
    ana = await enters(small, "Ana")
    for number in range(30):
        assert (await ana.asks("join", {"room": f"empty-{number}"}))["ok"]
        await ana.asks("leave", {"room": f"empty-{number}"})
    assert await writes(ana, "a", "b", "c", "d", "e") == [""] * 5
    ben = await enters(small, "Ben", "f")
    refused = await ben.say("hello", {"room": "f"})
    assert refused["error"] == "limit"
    assert "5 rooms" in refused["detail"]
    assert await writes(ben, "a") == [""]
    assert (await ben.say("hello"))["ok"]
    for client in (ana, ben):
        await client.disconnect()


async def test_an_address_begins_so_many_rooms_a_day(bundle: Path) -> None:
    """Whoever it is that comes from there; the rooms that are there go on."""
    async with Chat(Settings(port=0, client_bundle=bundle, rooms_per_day=3)) as chat:
        ana, guest = await enters(chat, "Ana"), await chat.client("websocket")
        assert await writes(ana, "a", "b") == ["", ""]
        assert await writes(guest, "c") == [""]
        await guest.asks("join", {"room": "d"})
        refused = await guest.say("hello", {"room": "d"})
        assert (refused["error"], refused["retry_after"] > 3600) == ("limit", True)
        assert "3 rooms" in refused["detail"]
        assert await writes(guest, "a", "c") == ["", ""]
        for client in (ana, guest):
            await client.disconnect()


async def rooms_of(client: Client) -> list[str]:
    return [each["room"] for each in (await client.asks("rooms"))["rooms"]]


async def test_a_flood_of_cookies_keeps_nobody_at_its_address_from_rooms(
    small: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many people's rooms begin to be remembered in a day. Who was before stays remembered, and goes to
    more rooms; of who is new the rooms are known as long as the connection lasts, as many as anybody's."""
    monkeypatch.setattr("chat.domain.rooms_of_people.NEW_PEOPLE", (1, 86_400))
    before, late = await cookie_of(small, "Ana"), await cookie_of(small, "Cleo")
    ana = await small.client("websocket", cookie=before)
    await ana.asks("join", {"room": "a"})
    flood = [await enters(small, f"Eve {number}", "a") for number in range(3)]
    assert (await ana.asks("join", {"room": "b"}))["ok"]
    cleo = await small.client("websocket", cookie=late)
    for room in ("a", "b", "c"):
        assert (await cleo.asks("join", {"room": room}))["ok"]
        assert (await cleo.say("hello", {"room": room}))["ok"]
    assert "3 rooms" in (await cleo.asks("join", {"room": "d"}))["detail"]
    await cleo.asks("leave", {"room": "c"})
    assert await rooms_of(cleo) == ["lobby", "a", "b"]
    for client in (ana, cleo, *flood):
        await client.disconnect()
    again = [await small.client("websocket", cookie=cookie) for cookie in (before, late)]
    assert [await rooms_of(client) for client in again] == [["lobby", "a", "b"], ["lobby"]]
    for client in again:
        await client.disconnect()


async def test_a_guest_of_one_connection_has_as_many_rooms(small: Chat) -> None:
    """And is told which; nothing of it is left when the connection has ended."""
    guest = await small.client("websocket")
    for room in ("a", "b", "c", "a"):
        assert (await guest.asks("join", {"room": room}))["ok"]
    assert "3 rooms" in (await guest.asks("join", {"room": "d"}))["detail"]
    assert [each["room"] for each in (await guest.asks("rooms"))["rooms"]] == ["lobby", "a", "b", "c"]
    await guest.asks("leave", {"room": "b"})
    assert (await guest.asks("join", {"room": "d"}))["ok"]
    await guest.disconnect()
