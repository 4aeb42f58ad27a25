"""Moderating over the wire: who may, what it does to others, what they are told, and what is listed of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from chat.access import BY_ADDRESS
from chat.address import address_of, check_address
from chat.identity import Identities, Identity
from chat.people import Person
from chat.refusals import Refused
from chat.settings import Settings
from hypothesis import given
from hypothesis import strategies as st
from relay.memory_store import MemoryStore
from socketio.exceptions import ConnectionError as Turned
from starlette.requests import Request
from starlette.responses import Response

from tests.support.waiting import soon
from tests.unit.wire import Chat, Client

CODE = "order, order"
MODERATOR = {"name": "Mia", "admin": CODE}


@pytest.fixture
async def moderated(bundle: Path) -> AsyncIterator[Chat]:
    """A chat with moderators, behind a proxy that names the client's address."""
    settings = Settings(port=0, client_bundle=bundle, admin_code=CODE, trusted_proxies=("*",))
    async with Chat(settings) as chat:
        yield chat


async def comes(chat: Chat, name: str, address: str = "192.0.2.1") -> Client:
    """Somebody who signed in, from this address."""
    client = Client(["websocket"])
    await connects(chat, client, await cookie_of(chat, name), address)
    return client


async def cookie_of(chat: Chat, name: str) -> str:
    answer = await chat.http.post("/sign-in", data={"name": name})
    chat.http.cookies.clear()
    return str(answer.cookies["tertulia"])


async def connects(chat: Chat, client: Client, cookie: str, address: str = "192.0.2.1") -> None:
    headers = {"Cookie": f"tertulia={cookie}", "X-Forwarded-For": address}
    await client.sio.connect(
        chat.url, headers, transports=["websocket"], socketio_path="sio/socket.io", wait_timeout=3
    )


async def moderator(chat: Chat) -> Client:
    return await chat.client("websocket", auth=MODERATOR)


async def id_of(client: Client) -> str:
    return (await client.who())["id"]


async def leave(*clients: Client) -> None:
    for client in clients:
        await client.disconnect()


EVENTS: list[tuple[str, dict[str, Any]]] = [
    ("delete", {"room": "lobby", "seq": 1, "id": "x"}),
    ("mute", {"person": "x"}),
    ("ban", {"person": "x"}),
    ("lift", {"kind": "ban", "person": "x"}),
    ("lock", {"room": "lobby", "locked": True}),
    ("slow", {"room": "lobby", "seconds": 5}),
    ("sanctions", {}),
    ("audit", {}),
]


@pytest.mark.parametrize(("event", "options"), EVENTS, ids=[event for event, _ in EVENTS])
async def test_nobody_else_may(moderated: Chat, event: str, options: dict[str, Any]) -> None:
    """And nothing is written down as done."""
    eve, mia = await comes(moderated, "Eve"), await moderator(moderated)
    refused = await eve.asks(event, options)
    assert (refused["ok"], refused["error"]) == (False, "forbidden")
    assert refused["detail"] == "Only a moderator can do this."
    assert (await mia.asks("audit"))["entries"] == []
    await leave(eve, mia)


async def test_who_goes_on_asking_for_what_is_forbidden_is_disconnected(moderated: Chat) -> None:
    """As whoever goes on being refused."""
    eve = await comes(moderated, "Eve")
    for _ in range(600):
        answer = await eve.asks("lock", {"room": "lobby", "locked": True})
        if "closed" in answer["detail"]:
            break
    assert answer["error"] == "rate_limited"
    await soon(lambda: not eve.sio.connected, within=3, what="Eve is put out")


async def test_without_a_code_there_are_no_moderators(chat: Chat) -> None:
    """Which is said; no code makes one, not even an empty one."""
    client = await chat.client()
    refused = await client.asks("ban", {"person": "x"})
    assert (refused["error"], "ADMIN_CODE" in refused["detail"]) == ("forbidden", True)
    for code in ("", "anything"):
        with pytest.raises(Turned):
            await chat.client(auth={"name": "Eve", "admin": code})
    page = await chat.http.get("/moderate")
    assert (page.status_code, "ADMIN_CODE" in page.text) == (404, True)
    assert (await chat.http.post("/moderate", data={"code": ""})).status_code in (303, 403)
    await client.disconnect()


async def test_a_program_becomes_a_moderator_by_the_code(moderated: Chat) -> None:
    mia = await moderator(moderated)
    assert (await mia.asks("rooms"))["you"]["moderator"] is True
    for wrong in ("order", "", 7, ["order, order"]):
        with pytest.raises(Turned):
            await moderated.client(auth={"name": "Eve", "admin": wrong})
    await mia.disconnect()


async def test_a_person_becomes_a_moderator_on_the_page(moderated: Chat) -> None:
    """And stays one under another name and after a reload, until signing out."""
    async with httpx.AsyncClient(base_url=moderated.url, headers={"Origin": moderated.url}) as browser:
        await browser.post("/sign-in", data={"name": "Mia"})
        assert 'href="/moderate' in (await browser.get("/")).text
        assert 'type="password"' in (await browser.get("/moderate")).text
        wrong = await browser.post("/moderate", data={"code": "order"})
        assert (wrong.status_code, "not the moderators" in wrong.text) == (403, True)
        right = await browser.post("/moderate", data={"code": f" {CODE}", "next": "/rooms/tea"})
        assert (right.status_code, right.headers["location"]) == (303, "/rooms/tea")
        await browser.post("/sign-in", data={"name": "Maria"})
        assert 'href="/moderate' not in (await browser.get("/")).text
        mia = await moderated.client("websocket", cookie=browser.cookies["tertulia"])
        assert (await mia.asks("rooms"))["you"]["moderator"] is True
        [entry] = (await mia.asks("audit"))["entries"]
        assert (entry["what"], entry["by"]["name"]) == ("moderate", "Mia")
        await mia.disconnect()
        elsewhere = await browser.post("/moderate", headers={"Origin": "https://evil.example"})
        assert elsewhere.status_code == 403
        await browser.post("/sign-out")
        assert (await browser.post("/moderate", data={"code": CODE})).headers["location"] == "/sign-in"


async def test_guesses_of_the_code_are_limited(moderated: Chat) -> None:
    """By address, over the page and programs together, as those of the access code."""
    async with httpx.AsyncClient(
        base_url=moderated.url, headers={"Origin": moderated.url, "X-Forwarded-For": "192.0.2.66"}
    ) as browser:
        await browser.post("/sign-in", data={"name": "Eve"})
        answers = [await browser.post("/moderate", data={"code": f"{n}"}) for n in range(BY_ADDRESS + 1)]
        assert [answer.status_code for answer in answers] == [403] * BY_ADDRESS + [429]
        assert int(answers[-1].headers["retry-after"]) > 0
        assert (await browser.post("/moderate", data={"code": CODE})).status_code == 429


async def test_a_cookie_makes_no_moderator_after_the_code_changed() -> None:
    """It goes on to say who one is."""
    store = MemoryStore()
    request = Request({"type": "http", "scheme": "http", "headers": [], "server": ("test", 80), "path": "/"})
    response = Response()
    old = Identities(store, "k" * 32, None, "one")
    mia = Identity.of(Person.named("Mia")).promoted()
    await old.give(request, response, mia)
    cookies = response.headers["set-cookie"].split(";")[0]
    assert await old.read(cookies) == mia
    for code in ("two", None):
        read = await Identities(store, "k" * 32, None, code).read(cookies)
        assert read is not None
        assert (read.person, read.moderator) == (mia.person, False)


async def test_a_deleted_message_is_gone_in_its_place(moderated: Chat) -> None:
    """Those here are told at once, those away when they come back; nobody is told its text any more."""
    ann, mia = await comes(moderated, "Ann"), await moderator(moderated)
    said = [await ann.say(text, {"id": text}) for text in ("one", "secret", "three")]
    told: list[dict[str, Any]] = []
    ann.sio.on("deleted", told.append)
    assert await mia.asks("delete", {"room": "lobby", "seq": 2, "id": "secret"}) == {
        "ok": True,
        "room": "lobby",
        "seq": 2,
    }
    await soon(lambda: told, within=3, what="Ann is told")
    author = await ann.who()
    assert told[0] == {
        "deletes": 2,
        "id": "deleted:2",
        "room": "lobby",
        "seq": 4,
        "at": told[0]["at"],
        "epoch": said[0]["epoch"],
    }
    page = await ann.asks("history", {"room": "lobby"})
    tombstone = {"id": "secret", "room": "lobby", "seq": 2, "at": said[1]["at"]}
    assert page["messages"][1] == tombstone | {"deleted": True, "author": author}
    assert [message["seq"] for message in page["messages"]] == [1, 2, 3, 4]
    assert "secret" not in json.dumps([message.get("text") for message in page["messages"]])
    back = await ann.asks("join", {"room": "lobby", "after": 3, "epoch": said[0]["epoch"]})
    assert [message["deletes"] for message in back["messages"]] == [2]
    assert await ann.say("secret", {"id": "secret"}) == said[1]
    assert (await ann.asks("history", {"room": "lobby"}))["head"] == 4
    await leave(ann, mia)


async def test_only_a_message_that_is_meant_is_deleted_and_once(moderated: Chat) -> None:
    ann, mia = await comes(moderated, "Ann"), await moderator(moderated)
    await ann.say("one", {"id": "one"})
    for wrong in (
        {"room": "lobby", "seq": 1, "id": "two"},
        {"room": "lobby", "seq": 2, "id": "one"},
        {"room": "lobby", "seq": 0, "id": "one"},
        {"room": "tea", "seq": 1, "id": "one"},
        {"room": "lobby", "id": "one"},
        {"room": "lobby", "seq": 1},
        {"seq": 1, "id": "one"},
        {"room": "lobby", "seq": "1", "id": "one"},
    ):
        assert (await mia.asks("delete", wrong))["error"] == "invalid"
    for _ in range(2):
        assert (await mia.asks("delete", {"room": "lobby", "seq": 1, "id": "one"}))["ok"]
    assert (await mia.asks("history", {"room": "lobby"}))["head"] == 2
    assert len((await mia.asks("audit"))["entries"]) == 1
    await leave(ann, mia)


async def test_somebody_muted_reads_and_does_not_write(moderated: Chat) -> None:
    """Wherever, for the time or until it is lifted; and is told."""
    ann, ben, mia = await comes(moderated, "Ann"), await comes(moderated, "Ben"), await moderator(moderated)
    told: list[dict[str, Any]] = []
    ann.sio.on("muted", told.append)
    who = await id_of(ann)
    assert (await mia.asks("mute", {"person": who, "name": "Ann", "seconds": 60}))["ok"]
    await soon(lambda: told, within=3, what="Ann is told")
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
    async with asyncio.timeout(5):
        while not (await client.say(text))["ok"]:
            await asyncio.sleep(0.05)


async def test_somebody_banned_is_put_out_and_told_why(moderated: Chat) -> None:
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
    await soon(lambda: not any(tab.sio.connected for tab in tabs), within=3, what="Ann is put out")
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
    await soon(lambda: not ben.sio.connected, within=3, what="Ben is put out")
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
    await soon(lambda: not ann.sio.connected, within=8, what="Ann is put out")
    await leave(mia)


async def test_a_locked_room_is_written_in_by_moderators_only(moderated: Chat) -> None:
    ann, mia = await comes(moderated, "Ann"), await moderator(moderated)
    told: list[dict[str, Any]] = []
    ann.sio.on("rules", told.append)
    assert (await mia.asks("lock", {"room": "lobby", "locked": True}))["ok"]
    await soon(lambda: told, within=3, what="Ann is told")
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


@given(st.text())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    with suppress(Refused):
        found = check_address(text)
        assert check_address(found) == found


def test_an_address_has_one_form() -> None:
    """A household's IPv6 network counts as one address."""
    assert address_of(("192.0.2.7", 80)) == address_of(("::ffff:192.0.2.7", 80)) == "192.0.2.7"
    assert address_of(("2001:DB8::1", 80)) == check_address("2001:db8:0:0:ffff::") == "2001:db8::/64"
    assert address_of(None) == ""
