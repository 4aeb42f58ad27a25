"""Who is in a room, and who types in it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from chat.settings import Settings

from tests.support.waiting import soon
from tests.unit.chat.events.moderated import id_of, leave, moderator
from tests.unit.visitors import cookie_of, enters
from tests.unit.wire import Chat


@pytest.fixture
async def empty(bundle: Path) -> AsyncIterator[Chat]:
    """A chat in which nobody is."""
    async with Chat(Settings(port=0, client_bundle=bundle)) as chat:
        yield chat


async def test_people_see_who_comes_and_goes(empty: Chat) -> None:
    """In the answer to `join`, and after it in changes."""
    ana = await enters(empty, "Ana", "tea")
    ben = await empty.client("websocket", cookie=await cookie_of(empty, "Ben"))
    answer = await ben.asks("join", {"room": "tea"})
    assert answer["people"]["count"] == 2
    assert [one["name"] for one in answer["people"]["people"]] == ["Ana", "Ben"]
    assert answer["people"]["people"][1] == await ben.who()
    await soon(lambda: ana.here("tea") == {"Ana", "Ben"}, what="Ana sees Ben")
    assert [told["count"] for told in ana.presence if told["room"] == "tea"][-1] == 2
    await ben.asks("leave", {"room": "tea"})
    await soon(lambda: ana.here("tea") == {"Ana"}, what="Ana sees that Ben left the room")
    assert ana.here("lobby") == {"Ana", "Ben"}
    await ben.disconnect()
    await soon(lambda: ana.here("lobby") == {"Ana"}, what="Ana sees that Ben is gone")
    await ana.disconnect()


async def test_people_see_who_moderates(moderated: Chat) -> None:
    """In the answer to `join`, in changes, and among the people of a program."""
    ana = await enters(moderated, "Ana", "tea")
    mia = await moderator(moderated)
    answer = await mia.asks("join", {"room": "tea"})
    shown = {"id": await id_of(mia), "name": "Mia", "moderator": True}
    assert shown in answer["people"]["people"]
    assert await mia.who() == shown

    def joined() -> list[dict[str, Any]]:
        return [one for told in ana.presence if told["room"] == "tea" for one in told.get("joined", ())]

    await soon(lambda: shown in joined(), what="Ana sees that a moderator came")
    assert all("moderator" not in one for one in joined() if one["name"] == "Ana")
    await leave(ana, mia)


async def test_one_with_several_tabs_is_there_once(empty: Chat) -> None:
    cookie = await cookie_of(empty, "Ana")
    ben = await enters(empty, "Ben")
    tabs = [await empty.client("websocket", cookie=cookie) for _ in range(3)]
    await soon(lambda: ben.here("lobby") == {"Ana", "Ben"}, what="Ben sees Ana")
    assert ben.presence[-1]["count"] == 2
    told = len(ben.presence)
    for tab in tabs[:2]:
        await tab.disconnect()
    cleo = await enters(empty, "Cleo")
    await soon(lambda: "Cleo" in ben.here("lobby"), what="Ben sees Cleo")
    assert "Ana" in ben.here("lobby")
    await tabs[2].disconnect()
    await soon(lambda: "Ana" not in ben.here("lobby"), what="Ben sees that Ana is gone")
    assert len(ben.presence) == told + 2
    for client in (ben, cleo):
        await client.disconnect()


async def test_others_in_the_room_see_who_types(empty: Chat) -> None:
    """Not the client itself, and nobody elsewhere."""
    ana, ben, cleo = [await enters(empty, name) for name in ("Ana", "Ben", "Cleo")]
    for client in (ana, ben):
        await client.asks("join", {"room": "tea"})
    assert await ana.asks("typing", {"room": "tea", "typing": True}) == {"ok": True}
    await soon(lambda: ben.typing, what="Ben sees Ana type")
    assert ben.typing == [{"room": "tea", "author": await ana.who(), "typing": True}]
    assert (await cleo.asks("typing", {"room": "tea", "typing": True}))["error"] == "not_joined"
    assert (await ana.asks("typing", {"room": "tea", "typing": "yes"}))["error"] == "invalid"
    for _ in range(30):
        last = await ana.asks("typing", {"room": "tea", "typing": False})
    assert (last["error"], last["retry_after"]) == ("rate_limited", 1)
    assert len(ben.typing) < 15
    assert ana.typing == cleo.typing == []
    for client in (ana, ben, cleo):
        await client.disconnect()
