"""What moderators purge is gone, for whoever is there and for whoever comes later."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chat.settings import Settings

from tests.support.waiting import soon
from tests.unit.chat.events.changing import watcher
from tests.unit.chat.events.moderated import CODE, comes, id_of, leave, moderator
from tests.unit.wire import Chat, Client


@pytest.fixture
async def chat(bundle: Path) -> AsyncIterator[Chat]:
    async with Chat(Settings(port=0, client_bundle=bundle, admin_code=CODE, messages_at_once=500)) as chat:
        yield chat


async def texts(client: Client, room: str) -> list[Any]:
    page = await client.asks("join", {"room": room})
    return [message.get("text") for message in page["messages"] if not {"deletes", "folded"} & message.keys()]


async def purges(client: Client, options: dict[str, Any]) -> int:
    """Ask until there is no more to purge; how many messages were."""
    answer = await client.asks("purge", options)
    assert answer["ok"], answer
    following = answer.get("next")
    return int(answer["purged"]) + (await purges(client, options | {"next": following}) if following else 0)


async def test_what_a_person_wrote_is_purged_in_every_room(chat: Chat) -> None:
    """Many messages with one notice; others' stay, and a second time there is nothing left."""
    troll, ana, mia = await comes(chat, "Troll"), await comes(chat, "Ana"), await moderator(chat)
    for room in ("tea", "milk"):
        for client in (troll, ana):
            await client.asks("join", {"room": room})
        for number in range(60):
            await troll.say(f"spam {number}", {"room": room})
        await ana.say("hello", {"room": room})
    before = (await ana.asks("join", {"room": "tea"}))["head"]
    assert await purges(mia, {"person": await id_of(troll), "name": "Troll", "seconds": 3600}) == 120
    assert (await ana.asks("join", {"room": "tea"}))["head"] <= before + 3
    for room in ("tea", "milk"):
        assert [text for text in await texts(ana, room) if text] == ["hello"]
        assert "spam" not in str(await ana.asks("history", {"room": room, "after": 0}))
    assert await purges(mia, {"person": await id_of(troll)}) == 0
    entries = (await mia.asks("audit"))["entries"]
    assert (entries[-1]["what"], entries[-1]["past"], entries[-1]["person"]["name"]) == (
        "purge",
        3600,
        "Troll",
    )
    await leave(troll, ana, mia)


async def test_a_room_is_purged_and_begins_anew(chat: Chat) -> None:
    """Whoever is in it is told, whoever comes back with numbers of it starts over, and it counts no more."""
    ana, mia = await comes(chat, "Ana"), await moderator(chat)
    told: list[Any] = []
    ana.sio.on("purged", told.append)
    await ana.asks("join", {"room": "tea"})
    said = await ana.say("spam", {"room": "tea"})
    assert await mia.asks("purge", {"room": "tea"}) == {"ok": True, "room": "tea"}
    await soon(lambda: told == [{"room": "tea"}], within=3, what="Ana is told")
    back = await ana.asks("join", {"room": "tea", "after": said["seq"], "epoch": said["epoch"]})
    assert (back["reset"], back["messages"], back["head"]) == (True, [], 0)
    again = await ana.say("hello", {"room": "tea"})
    assert (again["seq"], again["epoch"] != said["epoch"]) == (1, True)
    assert (await mia.asks("audit"))["entries"][0]["what"] == "clear"
    await leave(ana, mia)


@pytest.mark.parametrize(
    "options",
    [{}, {"room": "No!"}, {"person": 7}, {"person": "ab", "next": 7}, {"person": "ab", "seconds": -1}],
)
async def test_a_purge_that_is_not_understood_is_refused(chat: Chat, options: dict[str, Any]) -> None:
    mia, ana = await moderator(chat), await comes(chat, "Ana")
    assert not (await mia.asks("purge", options))["ok"]
    assert (await ana.asks("purge", {"room": "lobby"}))["error"] == "forbidden"
    await leave(mia, ana)


async def test_a_room_that_is_purged_while_somebodys_messages_are_is_no_trouble(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    troll, mia = await comes(chat, "Troll"), await moderator(chat)
    for room in ("milk", "tea"):
        await troll.asks("join", {"room": room})
        await troll.say("spam", {"room": room})
    log = chat.relay.manager.log
    amend_each = log.amend_each

    async def too_late(room: str, *amendments: Any) -> Any:
        if room == "milk":
            await log.clear(room)
        return await amend_each(room, *amendments)

    monkeypatch.setattr(log, "amend_each", too_late)
    assert await purges(mia, {"person": await id_of(troll)}) == 1
    assert await texts(mia, "tea") == [None]
    await leave(troll, mia)


async def test_a_purge_leaves_no_text_of_an_edit(chat: Chat) -> None:
    """Also where somebody put what they say now into what they wrote long ago. Both notices are stripped."""
    troll, mia = await watcher(chat, "Troll", "edited-room"), await moderator(chat)
    old = await troll.says("harmless")
    log = chat.relay.manager.log
    entries = log._rooms["edited-room"].entries
    entries[0] = replace(entries[0], at=entries[0].at - 3_600_000)
    new = await troll.says("spam 1")
    await troll.asks("edit", **old, text="spam 2")
    await troll.asks("edit", **new, text="spam 3")
    assert await purges(mia, {"person": troll.id, "seconds": 60}) == 2
    assert "deleted" in await troll.message(1)
    assert b"spam" not in b"".join(entry.data for entry in (await log.read("edited-room")).entries)
    await leave(troll.client, mia)
