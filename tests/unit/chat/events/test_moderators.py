"""The moderators over the wire: who becomes one, and that nobody else may do what they do."""

from typing import Any

import pytest
from chat.domain.access_code import BY_ADDRESS
from chat.domain.identity import Identity
from chat.domain.people import Person
from relay.memory.store import MemoryStore
from socketio.exceptions import ConnectionError as Turned
from starlette.requests import Request
from starlette.responses import Response

from tests.support.waiting import soon
from tests.unit.chat.events.moderated import CODE, comes, leave, moderator
from tests.unit.visitors import client_of, logins_on
from tests.unit.wire import Chat

EVENTS: list[tuple[str, dict[str, Any]]] = [
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
    await soon(lambda: not eve.sio.connected, what="Eve is disconnected")


async def test_where_there_is_no_code_none_makes_a_moderator(chat: Chat) -> None:
    """Which is said; not even an empty one does."""
    client = await chat.client()
    assert (await client.asks("ban", {"person": "x"}))["error"] == "forbidden"
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
    async with client_of(moderated, headers={"Origin": moderated.url}) as browser:
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


async def test_becoming_a_moderator_begins_a_new_session(moderated: Chat) -> None:
    """A copy of the cookie from before makes no moderator. The tabs stay, and signing out ends them all."""
    async with client_of(moderated, headers={"Origin": moderated.url}) as browser:
        await browser.post("/sign-in", data={"name": "Mia"})
        before = browser.cookies["tertulia"]
        old = await moderated.client("websocket", cookie=before)
        await browser.post("/moderate", data={"code": CODE})
        new = await moderated.client("websocket", cookie=browser.cookies["tertulia"])
        assert (await old.say("still here"))["ok"]
        copy = await moderated.client("websocket", cookie=before)
        assert [(await each.asks("rooms"))["you"].get("moderator") for each in (copy, new)] == [None, True]
        await browser.post("/sign-out")
        tabs = (old, copy, new)
        await soon(lambda: not any(tab.sio.connected for tab in tabs), within=3, what="all tabs are ended")
        for cookie in (before, browser.cookies.get("tertulia")):
            again = await moderated.client("websocket", cookie=cookie)
            assert (await again.who())["name"] != "Mia"
            await again.disconnect()


async def test_guesses_of_the_code_are_limited(moderated: Chat) -> None:
    """By address, over the page and programs together, as those of the access code."""
    headers = {"Origin": moderated.url, "X-Forwarded-For": "192.0.2.66"}
    async with client_of(moderated, headers=headers) as browser:
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
    old = logins_on(store, "k" * 32, None, "one")
    mia = Identity.of(Person.named("Mia")).promoted()
    await old.give(request, response, mia)
    cookies = response.headers["set-cookie"].split(";")[0]
    scope = {**request.scope, "headers": [(b"cookie", cookies.encode())]}
    assert await old.read(scope) == mia
    for code in ("two", None):
        read = await logins_on(store, "k" * 32, None, code).read(scope)
        assert read is not None
        assert (read.person, read.moderator) == (mia.person, False)
