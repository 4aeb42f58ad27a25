"""Sanctions over the wire: what they do to others, what these are told, and what is listed of it."""

import asyncio
import json
from typing import Any

import pytest
from socketio.exceptions import ConnectionError as Turned

from tests.support.waiting import PATIENCE, soon
from tests.unit.chat.events.moderated import CODE, comes, connects, cookie_of, id_of, leave, moderator
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


async def test_an_address_is_muted_and_banned_alike(moderated: Chat) -> None:
    """Whoever comes from it; a moderator there is not."""
    ann, ben = await comes(moderated, "Ann", "2001:db8::1"), await comes(moderated, "Ben", "192.0.2.9")
    mia = await moderator(moderated)
    assert (await mia.asks("mute", {"address": "2001:db8::2"}))["ok"]
    assert (await ann.say("hello"))["error"] == "muted"
    assert (await ben.say("hello"))["ok"]
    answer = await mia.asks("ban", {"person": await id_of(ben), "addresses": True})
    assert answer["addresses"] == ["192.0.2.9"]
    await soon(lambda: not ben.sio.connected, what="Ben is disconnected")
    with pytest.raises(Turned):
        await comes(moderated, "Somebody else", "192.0.2.9")
    cleo = await comes(moderated, "Cleo", "192.0.2.10")
    kinds = [(each["kind"], each.get("address")) for each in (await mia.asks("sanctions"))["sanctions"]]
    assert kinds == [("ban", "192.0.2.9"), ("ban", None), ("mute", "2001:db8::/64")]
    assert (await mia.asks("lift", {"kind": "mute", "address": "2001:db8::/64"}))["ok"]
    assert (await ann.say("hello"))["ok"]
    await leave(ann, cleo, mia)


async def test_word_of_a_ban_that_was_lost_does_not_save_anybody(moderated: Chat) -> None:
    """Who is banned and still here is found by the next look."""
    ann, mia = await comes(moderated, "Ann"), await moderator(moderated)
    rules = moderated.relay.manager.log.rules
    await rules.set(f"ban person {await id_of(ann)}", b"{}")
    assert (await ann.say("still here"))["error"] == "banned"
    await soon(lambda: not ann.sio.connected, what="Ann is disconnected")
    await leave(mia)


async def test_a_locked_room_is_written_in_by_moderators_only(moderated: Chat) -> None:
    ann, mia = await comes(moderated, "Ann"), await moderator(moderated)
    told: list[dict[str, Any]] = []
    ann.sio.on("rules", told.append)
    assert (await mia.asks("lock", {"room": "lobby", "locked": True}))["ok"]
    await soon(lambda: told, what="Ann is told")
    assert told == [{"room": "lobby", "locked": True}]
    assert (await ann.say("hello"))["error"] == "locked"
    assert (await mia.say("hello"))["ok"]
    assert (await ann.asks("join", {"room": "lobby"}))["rules"]["locked"] is True
    assert (await ann.asks("join", {"room": "tea"}))["rules"]["locked"] is False
    await mia.asks("lock", {"room": "lobby", "locked": False})
    assert (await ann.say("hello"))["ok"]
    await leave(ann, mia)


async def test_a_slow_room_lets_each_speak_once_in_a_while(moderated: Chat) -> None:
    """A retry of what was said is no second message."""
    ann, ben, mia = await comes(moderated, "Ann"), await comes(moderated, "Ben"), await moderator(moderated)
    assert (await mia.asks("slow", {"room": "lobby", "seconds": 30}))["ok"]
    assert (await ann.say("one", {"id": "one"}))["ok"]
    refused = await ann.say("two")
    assert (refused["error"], refused["retry_after"] in (29, 30)) == ("slow", True)
    assert (await ann.say("one", {"id": "one"}))["ok"]
    assert (await ben.say("one"))["ok"]
    assert all([(await mia.say(text))["ok"] for text in ("one", "two")])
    assert (await ben.asks("join", {"room": "lobby"}))["rules"]["slow"] == 30
    await mia.asks("slow", {"room": "lobby", "seconds": 0})
    assert (await ann.say("two"))["ok"]
    await leave(ann, ben, mia)


async def test_all_of_it_is_listed_without_what_was_said(moderated: Chat) -> None:
    """Who, from where, what, whom, until when; the last first."""
    ann, mia = await comes(moderated, "Ann"), await moderator(moderated)
    await ann.say("very secret", {"id": "one"})
    who = await ann.who()
    await mia.asks("delete", {"room": "lobby", "seq": 1, "id": "one"})
    await mia.asks("mute", {"person": who["id"], "name": "Ann", "seconds": 600})
    await mia.asks("lift", {"kind": "mute", "person": who["id"]})
    await mia.asks("lock", {"room": "lobby", "locked": True})
    await mia.asks("slow", {"room": "lobby", "seconds": 5})
    answer = await mia.asks("audit")
    entries = answer["entries"]
    assert [entry["what"] for entry in entries] == ["slow", "lock", "lift mute", "mute", "delete"]
    assert entries[0]["pace"] == 5
    assert entries[3]["until"] == entries[3]["at"] + 600_000
    assert entries[3]["person"] == {"id": who["id"], "name": "Ann"}
    assert (entries[4]["person"], entries[4]["room"], entries[4]["seq"]) == (who, "lobby", 1)
    you = await mia.who()
    by = {"id": you["id"], "name": "Mia", "address": "127.0.0.1"}
    assert [entry["by"] for entry in entries] == [by] * 5
    assert "secret" not in json.dumps(answer)
    assert CODE not in json.dumps(answer)
    older = await mia.asks("audit", {"before": entries[3]["id"]})
    assert [entry["what"] for entry in older["entries"]] == ["delete"]
    assert (await mia.asks("audit", {"before": "+"}))["error"] == "invalid"
    await leave(ann, mia)


async def test_names_are_kept_as_utf8(moderated: Chat) -> None:
    """Escaped, an emoji takes three times its bytes."""
    mia = await moderator(moderated)
    assert (await mia.asks("mute", {"person": "somebody", "name": "Ann 🐢"}))["ok"]
    manager = moderated.relay.manager
    [rule] = (await manager.log.rules.all()).values()
    [note] = await manager.store.notes("audit", None, 1)
    assert "Ann 🐢".encode() in rule.value
    assert "Ann 🐢".encode() in note.what
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


async def test_a_ban_takes_the_addresses_in_use_and_the_last_ones(moderated: Chat) -> None:
    """However many came before, and wherever the oldest session of all is still open."""
    cookie = await cookie_of(moderated, "Ben")
    oldest = Client(["websocket"])
    await connects(moderated, oldest, cookie, "198.51.100.1")
    who = await id_of(oldest)
    for number in range(1, 30):
        ben = Client(["websocket"])
        await connects(moderated, ben, cookie, f"192.0.2.{number}")
        await ben.disconnect()
    mia = await moderator(moderated)
    addresses = (await mia.asks("ban", {"person": who, "addresses": True}))["addresses"]
    assert {"198.51.100.1", *(f"192.0.2.{number}" for number in range(11, 30))} == set(addresses)
    await leave(oldest, mia)


async def test_a_ban_of_addresses_spares_the_moderators_own(moderated: Chat) -> None:
    """Both may be behind one router: then the person is banned, and nobody else who is there."""
    cookie, mia = await cookie_of(moderated, "Ben"), await moderator(moderated)
    tabs = [Client(["websocket"]) for _ in range(2)]
    for tab, address in zip(tabs, ("192.0.2.9", "127.0.0.1"), strict=True):
        await connects(moderated, tab, cookie, address)
    answer = await mia.asks("ban", {"person": await id_of(tabs[0]), "addresses": True})
    assert answer["addresses"] == ["192.0.2.9"]
    await soon(lambda: not any(tab.sio.connected for tab in tabs), what="Ben is disconnected")
    await leave(await comes(moderated, "Ana", "127.0.0.1"), mia)


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
