"""Links by which a person goes on on another device, or comes back."""

import asyncio
from typing import Any

import pytest
from chat.people.ticket import new_secret
from chat.people.tickets import UNKNOWN
from relay import LogUnavailable
from relay.memory.records import MemoryRecords

from tests.unit.chat.events.moderated import CODE
from tests.unit.chat.http.linked import Browsers, link_of
from tests.unit.visitors import sign_in
from tests.unit.wire import Chat, Log


async def test_a_link_makes_another_browser_the_same_person(
    chat: Chat, log: Log, browsers: Browsers, caplog: pytest.LogCaptureFixture
) -> None:
    """Once, with a login of its own, and in the same rooms. Neither the secret nor the name is logged."""
    caplog.set_level("INFO", logger="chat")
    laptop, phone, other = await browsers.of(chat, "Ana"), browsers.new(chat), browsers.new(chat)
    assert laptop.tab is not None
    await laptop.tab.asks("join", {"room": "tea"})
    made = await laptop.http.post("/you/ticket")
    assert "<svg" in made.text
    assert "This address leads to this machine only" in made.text
    link = link_of(made)
    page = await phone.opens(link)
    assert "Go on as Ana" in page.text
    answer = await phone.presses(page)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    await phone.is_kept()
    assert (await phone.who())["id"] == (await laptop.who())["id"]
    assert phone.tab is not None
    assert {each["room"] for each in (await phone.tab.asks("rooms"))["rooms"]} == {"lobby", "tea"}
    assert (await laptop.opens("/you")).text.count("<li>") == 2
    late = await other.opens(link)
    assert late.status_code == 410
    assert "Used already" in late.text
    await laptop.http.post("/sign-out")
    await laptop.is_put_out()
    assert phone.tab.sio.connected, "its login is its own"
    secret = link.rpartition("/")[2]
    assert not [line for line in log.lines if secret in line or "Ana" in line]
    assert [line for line in log.lines if "Came in by a link" in line]


async def test_who_only_looks_at_a_link_does_not_use_it_up(chat: Chat, browsers: Browsers) -> None:
    """Previews of links, and browsers that fetch what may be opened next."""
    ana, phone = await browsers.of(chat, "Ana"), browsers.new(chat)
    link = await ana.makes_a_link()
    for _ in range(3):
        page = await phone.opens(link)
        await phone.http.head(link)
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "strict-origin"
    assert (await phone.presses(page)).status_code == 303


async def test_of_two_who_press_at_once_one_gets_in(chat: Chat, browsers: Browsers) -> None:
    ana, *others = await browsers.of(chat, "Ana"), browsers.new(chat), browsers.new(chat)
    link = await ana.makes_a_link()
    pages = [await each.opens(link) for each in others]
    pressed = zip(others, pages, strict=True)
    answers = await asyncio.gather(*(each.presses(page) for each, page in pressed))
    assert sorted(answer.status_code for answer in answers) == [303, 410]


async def test_a_button_that_is_pressed_twice_gets_in_once(chat: Chat, browsers: Browsers) -> None:
    """And not after that login has ended, by the Back button of a computer that others use too."""
    ana, phone = await browsers.of(chat, "Ana"), browsers.new(chat)
    page = await phone.opens(await ana.makes_a_link())
    assert [(await phone.presses(page)).status_code for _ in range(2)] == [303, 303]
    assert (await phone.who())["name"] == "Ana"
    await phone.http.post("/sign-out")
    assert (await phone.presses(page)).status_code == 410


async def test_who_is_somebody_else_already_is_asked_first(chat: Chat, browsers: Browsers) -> None:
    ana, ben = await browsers.of(chat, "Ana"), await browsers.of(chat, "Ben")
    link = await ana.makes_a_link()
    page = await ben.opens(link)
    assert "In this browser you are Ben now." in page.text
    assert "Be Ana instead of Ben" in page.text
    unasked = await ben.presses(page, instead="")
    assert unasked.status_code == 200, "a page from before they signed in does not replace them"
    assert (await ben.who())["name"] == "Ben"
    before = ben.http.cookies["tertulia"]
    assert (await ben.presses(page)).status_code == 303
    assert (await ben.who())["name"] == "Ana"
    await ben.is_put_out()
    copied = await chat.client("websocket", cookie=before)
    assert (await copied.who())["name"] != "Ben", "Ben's login has ended"
    await copied.disconnect()


async def test_in_the_same_browser_a_link_is_not_used_up(chat: Chat, browsers: Browsers) -> None:
    ana, phone = await browsers.of(chat, "Ana"), browsers.new(chat)
    link = await ana.makes_a_link()
    for answer in (await ana.opens(link), await ana.http.post(link, data={"attempt": "x"})):
        assert "You are here already" in answer.text or answer.headers["location"] == "/"
    assert (await phone.uses(link)).status_code == 303


async def test_a_link_ends_with_the_login_that_made_it(chat: Chat, browsers: Browsers) -> None:
    ana, phone = await browsers.of(chat, "Ana"), browsers.new(chat)
    link = await ana.makes_a_link()
    page = await phone.opens(link)
    await ana.http.post("/sign-out")
    for answer in (await phone.opens(link), await phone.presses(page)):
        assert answer.status_code == 410
        assert "No longer good" in answer.text
        assert "set-cookie" not in answer.headers


async def test_links_that_are_none_are_counted(chat: Chat, browsers: Browsers) -> None:
    """Each says what may be wrong; then the address waits, and right ones do too."""
    ana, eve = await browsers.of(chat, "Ana"), browsers.new(chat)
    link = await ana.makes_a_link()
    for mistyped in [f"{link}x", link[:-1], link.upper(), "/ticket/%00", "/ticket/" + "x" * 5000] * UNKNOWN:
        assert (await eve.opens(mistyped)).status_code == 404, "what can be no secret is no guess"
    for _ in range(UNKNOWN):
        answer = await eve.opens(f"/ticket/{new_secret()}")
        assert (answer.status_code, "No such link" in answer.text) == (404, True)
    answer = await eve.opens(link)
    assert answer.status_code == 429
    assert "Too many links that are none" in answer.text
    assert int(answer.headers["retry-after"]) > 0
    chat.relay.manager.store._kept.clear()


async def test_a_page_of_another_site_uses_no_link(chat: Chat, browsers: Browsers) -> None:
    ana, phone = await browsers.of(chat, "Ana"), browsers.new(chat)
    link = await ana.makes_a_link()
    for path in (link, "/you/ticket"):
        answer = await phone.http.post(path, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403
    assert (await phone.uses(link)).status_code == 303


async def test_who_is_not_kept_makes_no_link(chat: Chat, browsers: Browsers) -> None:
    """It could not end with their login."""
    guest = browsers.new(chat)
    assert (await guest.http.post("/you/ticket")).headers["location"] == "/sign-in"
    await sign_in(guest.http, name="Ana")
    assert (await guest.http.post("/you/ticket")).headers["location"] == "/you"
    assert "/you/ticket" not in (await guest.opens("/you")).text


async def test_a_link_does_not_make_a_moderator(moderated: Chat, browsers: Browsers) -> None:
    """The page says so. The name stays theirs."""
    mia, phone = await browsers.of(moderated, "Mia"), browsers.new(moderated)
    await mia.becomes_a_moderator(CODE)
    assert "give the moderators" in (await mia.opens("/you")).text
    assert (await phone.uses(await mia.makes_a_link())).status_code == 303
    who = await phone.who()
    assert (who["name"], who.get("moderator")) == ("Mia", None)


async def test_a_moderator_makes_a_way_back(moderated: Chat, browsers: Browsers) -> None:
    """It is written down, and nobody else can."""
    mia, ana = await browsers.of(moderated, "Mia"), await browsers.of(moderated, "Ana")
    again = browsers.new(moderated)
    person = str((await ana.who())["id"])
    assert (await mia.http.post(f"/people/{person}/ticket")).status_code == 403
    assert (await again.http.post(f"/people/{person}/ticket")).headers["location"] == "/sign-in"
    await mia.becomes_a_moderator(CODE)
    for nobody in ("0" * 16, "a%20b", "x" * 300):
        answer = await mia.http.post(f"/people/{nobody}/ticket")
        assert answer.status_code == 400
    await ana.http.post("/sign-out")
    made = await mia.http.post(f"/people/{person}/ticket")
    assert "Give this link to Ana" in made.text
    page = await again.opens(link_of(made))
    assert "Mia made this link for Ana" in page.text
    assert (await again.presses(page)).status_code == 303
    assert (await again.who())["id"] == person
    assert mia.tab is not None
    [done, *_] = (await mia.tab.asks("audit", {}))["entries"]
    assert (done["what"], done["person"]) == ("return", {"id": person, "name": "Ana"})
    assert done["until"] - done["at"] == 86_400_000


async def test_nobody_is_given_a_role_by_a_way_back(moderated: Chat, browsers: Browsers) -> None:
    """Of somebody who has one of their own."""
    mia, ana = await browsers.moderator(moderated), await browsers.of(moderated, "Ana")
    person = (await ana.who())["id"]
    people = moderated.relay.manager.records._kept["people"]
    content, until = people[person]
    people[person] = content.replace(b'"guest"', b'"owner"'), until
    answer = await mia.http.post(f"/people/{person}/ticket")
    assert (answer.status_code, "would have this person&#39;s role" in answer.text) == (403, True)


async def test_a_link_waits_out_a_redis_that_is_away(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, browsers: Browsers
) -> None:
    """The form that comes then is that of the same attempt."""
    monkeypatch.setattr("chat.http.retries.TRIED_FOR", 0.0)
    ana, phone = await browsers.of(chat, "Ana"), browsers.new(chat)
    page = await phone.opens(await ana.makes_a_link())

    async def away(*_: Any, **__: Any) -> None:
        raise LogUnavailable("away")

    change = MemoryRecords.change

    async def lost(self: MemoryRecords, *arguments: Any, **more: Any) -> None:
        await change(self, *arguments, **more)
        raise LogUnavailable("the answer was lost")

    for broken in (away, lost):
        with monkeypatch.context() as patch:
            patch.setattr(MemoryRecords, "change", broken)
            answer = await phone.presses(page)
            assert answer.status_code == 503
            page = answer
    assert (await phone.presses(page)).status_code == 303
    assert (await phone.who())["name"] == "Ana"
