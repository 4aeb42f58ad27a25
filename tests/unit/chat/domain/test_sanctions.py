"""Sanctions over the wire: what they do to others, what these are told, and what is listed of it."""

import asyncio
from typing import Any

import pytest
from socketio.exceptions import ConnectionError as Turned

from tests.support.waiting import PATIENCE, soon
from tests.unit.chat.events.moderated import comes, connects, id_of, leave, moderator
from tests.unit.visitors import cookie_of
from tests.unit.wire import Chat, Client


async def test_somebody_muted_reads_and_does_not_write(moderated: Chat) -> None:
    """Wherever, for the time or until it is lifted; and is told."""
    ann, ben, mia = await comes(moderated, "Ann"), await comes(moderated, "Ben"), await moderator(moderated)
    told: list[dict[str, Any]] = []
    ann.sio.on("muted", told.append)
    who = await id_of(ann)
    assert (await mia.asks("mute", {"person": who, "name": "Ann", "seconds": 60}))["ok"]
    await soon(lambda: told, what="Ann is told")
    assert told == [{"muted": True, "seconds": 60}]
    refused = await ann.say("hello")
    assert (refused["ok"], refused["error"]) == (False, "muted")
    assert 58 <= refused["retry_after"] <= 60
    rules = (await ann.asks("join", {"room": "tea"}))["rules"]
    assert rules | {"seconds": 0} == {"locked": False, "slow": 0, "muted": True, "seconds": 0}
    assert (await ann.say("hello", {"room": "tea"}))["error"] == "muted"
    assert (await ben.say("hello"))["ok"]
    await ann.hears("hello")
    [sanction] = (await mia.asks("sanctions"))["sanctions"]
    assert sanction.pop("seconds") <= 60
    assert sanction == {"kind": "mute", "person": who, "name": "Ann", "by": "Mia"}
    assert (await mia.asks("lift", {"kind": "mute", "person": who}))["ok"]
    assert (await ann.say("hello"))["ok"]
    await leave(ann, ben, mia)


async def test_a_mute_ends_by_itself(moderated: Chat) -> None:
    ann, mia = await comes(moderated, "Ann"), await moderator(moderated)
    await mia.asks("mute", {"person": await id_of(ann), "seconds": 1})
    assert (await ann.say("too soon"))["error"] == "muted"
    await until_said(ann, "later")
    assert (await mia.asks("sanctions"))["sanctions"] == []
    await leave(ann, mia)


async def until_said(client: Client, text: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while not (await client.say(text))["ok"]:
            await asyncio.sleep(0.05)


async def test_somebody_banned_is_disconnected_and_told_why(moderated: Chat) -> None:
    """Each tab; coming back is refused until it is lifted."""
    cookie, ben, mia = (
        await cookie_of(moderated, "Ann"),
        await comes(moderated, "Ben"),
        await moderator(moderated),
    )
    tabs = [Client(["websocket"]) for _ in range(3)]
    for tab in tabs:
        await connects(moderated, tab, cookie)
    who = await id_of(tabs[0])
    assert (await mia.asks("ban", {"person": who, "seconds": 7200}))["ok"]
    await soon(lambda: not any(tab.sio.connected for tab in tabs), what="Ann is disconnected")
    returned = Client(["websocket"])
    with pytest.raises(Turned):
        await connects(moderated, returned, cookie)
    assert returned.refusal["message"] == "You are banned for 2 hours."
    assert returned.refusal["data"]["error"] == "banned"
    assert returned.refusal["data"]["retry_after"] > 7000
    assert (await ben.say("hello"))["ok"]
    [sanction] = (await mia.asks("sanctions"))["sanctions"]
    assert (await mia.asks("lift", {"kind": "ban", "person": sanction["person"]}))["ok"]
    ann = Client(["websocket"])
    await connects(moderated, ann, cookie)
    assert (await ann.say("back"))["ok"]
    await leave(ann, ben, mia)


async def test_word_of_a_ban_that_was_lost_does_not_save_anybody(moderated: Chat) -> None:
    """Who is banned and still here is found by the next look."""
    ann, mia = await comes(moderated, "Ann"), await moderator(moderated)
    rules = moderated.relay.manager.log.rules
    await rules.set(f"ban person {await id_of(ann)}", b"{}")
    assert (await ann.say("still here"))["error"] == "banned"
    await soon(lambda: not ann.sio.connected, what="Ann is disconnected")
    await leave(mia)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"person": 7},
        {"person": "a b"},
        {"person": "x", "address": "192.0.2.1"},
        {"address": "everywhere"},
        {"person": "x", "seconds": 0},
        {"person": "x", "seconds": 10**9},
        {"person": "x", "seconds": True},
        {"person": "x", "name": "\n"},
    ],
)
async def test_what_cannot_be_a_sanction_is_refused(moderated: Chat, options: dict[str, Any]) -> None:
    mia = await moderator(moderated)
    assert (await mia.asks("ban", options))["error"] in ("invalid", "empty")
    assert (await mia.asks("sanctions"))["sanctions"] == []
    await mia.disconnect()


async def test_somebody_muted_shows_others_no_typing(moderated: Chat) -> None:
    ann, ben, mia = await comes(moderated, "Ann"), await comes(moderated, "Ben"), await moderator(moderated)
    assert (await ann.asks("typing", {"typing": True}))["ok"]
    await mia.asks("mute", {"person": await id_of(ann), "seconds": 60})
    refused = await ann.asks("typing", {"typing": False})
    assert (refused["ok"], refused["error"]) == (False, "muted")
    await soon(lambda: ben.typing, what="Ben is told of what came before")
    assert [told["typing"] for told in ben.typing] == [True]
    await leave(ann, ben, mia)


@pytest.mark.parametrize("whom", ["person", "address"])
async def test_somebody_muted_takes_no_other_name(moderated: Chat, whom: str) -> None:
    """All see names. Under the one they have they may sign in again."""
    cookie, mia = await cookie_of(moderated, "Ann"), await moderator(moderated)
    ann = Client(["websocket"])
    await connects(moderated, ann, cookie)
    key = await id_of(ann) if whom == "person" else "192.0.2.1"
    assert (await mia.asks("mute", {whom: key, "seconds": 60}))["ok"]
    headers = {"Cookie": f"tertulia={cookie}", "X-Forwarded-For": "192.0.2.1"}
    for name, status in (("Mia is a fool", 403), ("Ann", 303)):
        answer = await moderated.http.post("/sign-in", data={"name": name}, headers=headers)
        moderated.http.cookies.clear()
        assert answer.status_code == status
    assert (await mia.asks("lift", {"kind": "mute", whom: key}))["ok"]
    answer = await moderated.http.post("/sign-in", data={"name": "Anna"}, headers=headers)
    assert answer.status_code == 303
    await leave(ann, mia)
