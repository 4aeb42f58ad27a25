"""Invitations by link into private rooms: made by their members, for whoever has the link."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from chat.rooms import room_record
from chat.settings import Settings
from relay import LogUnavailable
from relay.memory.records import MemoryRecords

from tests.unit.chat.events.guarded import made_up
from tests.unit.chat.events.moderated import CODE as MODERATORS_CODE
from tests.unit.chat.http.linked import ACCESS_CODE, Browser, Browsers, link_of
from tests.unit.visitors import sign_in
from tests.unit.wire import Chat, Client

TITLE = "Plans & more"


@pytest.fixture
async def closed(bundle: Path) -> AsyncIterator[Chat]:
    """A chat with an access code and moderators."""
    settings = Settings(
        port=0, client_bundle=bundle, access_code=ACCESS_CODE, admin_code=MODERATORS_CODE, rooms_per_person=3
    )
    async with Chat(settings) as chat:
        yield chat


async def person(browsers: Browsers, chat: Chat, name: str) -> Browser:
    return await browsers.of(chat, name, code=ACCESS_CODE)


def tab(browser: Browser) -> Client:
    assert browser.tab is not None
    return browser.tab


async def makes_a_room(by: Browser, *others: Browser, title: str = TITLE) -> str:
    people = [(await each.who())["id"] for each in others]
    made = await tab(by).asks("create", {"kind": "private", "title": title, "people": people})
    return str(made["room"])


async def invites(by: Browser, room: str, uses: int = 1, hours: int = 24) -> str:
    form = {"room": room, "uses": str(uses), "hours": str(hours)}
    return link_of(await by.http.post("/invitations", data=form))


async def members(of: Browser, room: str) -> list[str]:
    return [each["name"] for each in (await tab(of).asks("members", {"room": room}))["members"]]


async def page_of(browser: Browser, room: str) -> str:
    return html.unescape((await browser.opens(f"/invitations?room={room}")).text)


def listed(page: str) -> list[str]:
    """How much is left of each open invitation that a page shows."""
    return re.findall(r"<h3>(.*?)</h3>", page)


def digests(page: str) -> list[str]:
    return re.findall(r'name="invitation" value="(\w+)"', page)


async def test_somebody_new_comes_in_by_a_link_and_is_a_member(closed: Chat, browsers: Browsers) -> None:
    """Without the access code. The page names the room and who invites, and only to who has the link."""
    ana, ben = await person(browsers, closed, "Ana"), browsers.new(closed)
    room = await makes_a_room(ana)
    await tab(ana).asks("join", {"room": room})
    await tab(ana).say("written before", {"room": room})
    link = await invites(ana, room)
    page = await ben.opens(link)
    assert f"Invitation to {TITLE}" in html.unescape(page.text)
    assert "Ana invites you to this private room" in page.text
    assert room not in page.text
    answer = await ben.presses(page, name="Ben")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/rooms/{room}")
    assert await members(ana, room) == ["Ana", "Ben"]
    await ben.is_kept()
    joined = await tab(ben).asks("join", {"room": room})
    assert joined["messages"][-1]["text"] == "written before"
    assert joined["about"]["title"] == TITLE
    assert room in [each["room"] for each in (await tab(ben).asks("rooms"))["rooms"]]
    late = await browsers.new(closed).opens(link)
    assert (late.status_code, "No place left" in late.text) == (410, True)
    assert TITLE not in html.unescape(late.text)


async def test_who_is_here_comes_in_as_who_they_are(closed: Chat, browsers: Browsers) -> None:
    """By a button: to look at a link makes nobody a member. Their other devices are told."""
    ana, ben = await person(browsers, closed, "Ana"), await person(browsers, closed, "Ben")
    room = await makes_a_room(ana)
    told: list[Any] = []
    tab(ben).sio.on("invited", told.append)
    link = await invites(ana, room, uses=5)
    page = await ben.opens(link)
    assert "Come in as Ben" in page.text
    assert await members(ana, room) == ["Ana"]
    assert (await ben.presses(page)).headers["location"] == f"/rooms/{room}"
    assert await members(ana, room) == ["Ana", "Ben"]
    assert (await tab(ben).asks("join", {"room": room}))["ok"]
    assert [(each["room"], each["by"]["name"]) for each in told] == [(room, "Ana")]
    for again in (await ben.opens(link), await ben.presses(page), await ana.opens(link)):
        assert again.headers["location"] == f"/rooms/{room}"
    assert listed(await page_of(ana, room)) == ["4 of 5 left"], "who is a member uses nothing up"


async def test_a_page_from_before_somebody_signed_in_asks_again(closed: Chat, browsers: Browsers) -> None:
    ana, ben = await person(browsers, closed, "Ana"), browsers.new(closed)
    room = await makes_a_room(ana)
    page = await ben.opens(await invites(ana, room))
    await sign_in(ben.http, name="Ben", code=ACCESS_CODE)
    asked = await ben.presses(page, name="Somebody else")
    assert (asked.status_code, "Come in as Ben" in asked.text) == (200, True)
    assert await members(ana, room) == ["Ana"]


async def test_each_member_sees_their_own_and_makers_see_all(closed: Chat, browsers: Browsers) -> None:
    """And withdraw what they see."""
    ana, ben = await person(browsers, closed, "Ana"), await person(browsers, closed, "Ben")
    room = await makes_a_room(ana, ben)
    by_ana, by_ben = await invites(ana, room, uses=2), await invites(ben, room, uses=3)
    assert listed(await page_of(ben, room)) == ["3 of 3 left"]
    page = await page_of(ana, room)
    assert sorted(listed(page)) == ["2 of 2 left", "3 of 3 left"]
    assert TITLE in page
    for digest in digests(page):  # of which one is Ana's
        await ben.http.post("/invitations/withdraw", data={"room": room, "invitation": digest})
    assert listed(await page_of(ana, room)) == ["2 of 2 left"]
    eve = browsers.new(closed)
    assert "Withdrawn" in (await eve.opens(by_ben)).text
    assert (await eve.opens(by_ana)).status_code == 200
    await ana.http.post("/invitations/withdraw", data={"room": room, "invitation": digests(page)[0]})
    await ana.http.post("/invitations/withdraw", data={"room": room, "invitation": digests(page)[1]})
    assert listed(await page_of(ana, room)) == []


async def test_nobody_else_learns_that_there_is_a_room(closed: Chat, browsers: Browsers) -> None:
    """Moderators neither: each is answered as for an address that somebody made up."""
    ana, eve = await person(browsers, closed, "Ana"), await person(browsers, closed, "Eve")
    mia, stranger = await browsers.moderator(closed), browsers.new(closed)
    room = await makes_a_room(ana)
    await invites(ana, room)

    async def answers(who: Browser, room: str) -> list[tuple[int, str]]:
        form = {"room": room, "uses": "1", "hours": "1", "invitation": "x"}
        found = [
            await who.opens(f"/invitations?room={room}"),
            await who.http.post("/invitations", data=form),
            await who.http.post("/invitations/withdraw", data=form),
        ]
        return [(each.status_code, each.text.replace(room, "")) for each in found]

    guess = made_up()
    for who, status in ((eve, 400), (mia, 400), (stranger, 303)):
        real = await answers(who, room)
        assert real == await answers(who, guess)
        assert [code for code, _ in real] == [status] * 3
    assert "There is no such room" in (await answers(eve, room))[0][1]


async def test_as_long_is_asked_of_redis_whether_there_is_a_room_or_not(
    closed: Chat, browsers: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, eve = await person(browsers, closed, "Ana"), await person(browsers, closed, "Eve")
    room = await makes_a_room(ana)
    asked: list[int] = []
    read = MemoryRecords.read

    async def counted(records: MemoryRecords, *asks: Any) -> list[dict[str, bytes]]:
        asked.append(len(asks))
        return await read(records, *asks)

    monkeypatch.setattr(MemoryRecords, "read", counted)
    for path in ("/invitations", "/invitations/withdraw"):
        counts = []
        for each in (room, made_up()):
            asked.clear()
            await eve.http.post(path, data={"room": each, "uses": "1", "hours": "1", "invitation": "x"})
            counts.append(list(asked))
        assert counts[0] == counts[1]


async def test_an_invitation_ends_with_its_room_and_with_who_made_it(
    closed: Chat, browsers: Browsers
) -> None:
    """Also for who has the page open already."""
    ana, ben = await person(browsers, closed, "Ana"), await person(browsers, closed, "Ben")
    room = await makes_a_room(ana, ben)
    by_ana, by_ben = await invites(ana, room, uses=5), await invites(ben, room, uses=5)
    eve = browsers.new(closed)
    pages = [await eve.opens(link) for link in (by_ana, by_ben)]
    await tab(ana).asks("remove", {"room": room, "person": (await ben.who())["id"]})
    for answer in (await eve.opens(by_ben), await eve.presses(pages[1], name="Eve")):
        assert (answer.status_code, "is no member of the room any more" in answer.text) == (410, True)
        assert TITLE not in html.unescape(answer.text)
    await tab(ana).asks("leave", {"room": room})
    for answer in (await eve.opens(by_ana), await eve.presses(pages[0], name="Eve")):
        assert (answer.status_code, "No such room any more" in answer.text) == (410, True)
        assert "set-cookie" not in answer.headers


async def test_there_is_none_into_a_direct_room(closed: Chat, browsers: Browsers) -> None:
    ana, ben = await person(browsers, closed, "Ana"), await person(browsers, closed, "Ben")
    made = await tab(ana).asks("create", {"kind": "direct", "people": [(await ben.who())["id"]]})
    form = {"room": made["room"], "uses": "1", "hours": "1"}
    for answer in (
        await ana.opens(f"/invitations?room={made['room']}"),
        await ana.http.post("/invitations", data=form),
    ):
        assert answer.status_code == 403
        assert "Who is in a conversation" in html.unescape(answer.text)


async def test_of_many_who_come_at_once_as_many_become_members_as_are_invited(
    closed: Chat, browsers: Browsers
) -> None:
    ana, *others = await person(browsers, closed, "Ana"), *(browsers.new(closed) for _ in range(6))
    room = await makes_a_room(ana)
    link = await invites(ana, room, uses=4)
    answers = await asyncio.gather(*(each.uses(link, name=f"Guest {n}") for n, each in enumerate(others)))
    assert sorted(answer.status_code for answer in answers) == [303] * 4 + [410] * 2
    assert len(await members(ana, room)) == 5


async def test_a_room_that_is_full_takes_nobody(
    closed: Chat, browsers: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said before a use is taken; and who is in too many rooms is told so."""
    monkeypatch.setattr(room_record, "MEMBERS", 2)
    ana, ben = await person(browsers, closed, "Ana"), await person(browsers, closed, "Ben")
    room, other = await makes_a_room(ana), await makes_a_room(ana, title="Other")
    link = await invites(ana, room, uses=9)
    for title in "123":
        await makes_a_room(ben, title=title)
    refused = await ben.uses(link)
    assert (refused.status_code, "You are in 3 rooms" in refused.text) == (400, True)
    assert (await browsers.new(closed).uses(link, name="Cem")).status_code == 303
    refused = await browsers.new(closed).uses(link, name="Dan")
    assert (refused.status_code, "2 members" in refused.text) == (400, True)
    assert "set-cookie" not in refused.headers
    assert listed(await page_of(ana, room)) == ["8 of 9 left"]
    assert listed(await page_of(ana, other)) == []


async def test_a_form_that_is_sent_again_makes_no_second_member(
    closed: Chat, browsers: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pressed twice, or because the answer was lost after the membership was written."""
    ana, ben, cem = await person(browsers, closed, "Ana"), browsers.new(closed), browsers.new(closed)
    room = await makes_a_room(ana)
    page = await ben.opens(await invites(ana, room))
    answers = [await ben.presses(page, name="Ben") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    copy = browsers.new(closed)  # whose browser has lost the answer, with its cookie
    assert (await copy.presses(page, name="Ben")).status_code == 303
    assert (await copy.who())["id"] == (await ben.who())["id"]
    change = MemoryRecords.change
    lost: list[str] = []

    async def written_and_lost(records: MemoryRecords, owner: str, *changes: Any, **expected: Any) -> bool:
        done = await change(records, owner, *changes, **expected)
        if owner == room and changes[0].name == f"members:{room}" and not lost:
            lost.append(owner)
            raise LogUnavailable("The answer was lost.")
        return done

    link = await invites(ana, room)
    monkeypatch.setattr(MemoryRecords, "change", written_and_lost)
    assert (await cem.uses(link, name="Cem")).status_code == 303
    assert lost
    assert await members(ana, room) == ["Ana", "Ben", "Cem"]
    await ben.http.post("/sign-out")
    assert (await ben.presses(page, name="Ben")).status_code == 410


async def test_what_is_wrong_is_said_and_uses_nothing_up(closed: Chat, browsers: Browsers) -> None:
    """A name that can't be, or is a moderator's, and who is banned."""
    ana, mia = await person(browsers, closed, "Ana"), await browsers.moderator(closed)
    room = await makes_a_room(ana)
    link = await invites(ana, room, uses=2)
    eve = browsers.new(closed)
    for name, status in (("", 400), ("x" * 41, 400), ("Mia", 403)):
        refused = await eve.uses(link, name=name)
        assert (refused.status_code, 'aria-invalid="true"' in refused.text) == (status, True)
    ben = await person(browsers, closed, "Ben")
    await tab(mia).asks("ban", {"person": (await ben.who())["id"], "seconds": 60})
    refused = await ben.uses(link)
    assert (refused.status_code, "banned" in refused.text) == (403, True)
    assert listed(await page_of(ana, room)) == ["2 of 2 left"]
    assert await members(ana, room) == ["Ana"]


async def test_who_is_muted_makes_no_invitation(closed: Chat, browsers: Browsers) -> None:
    ana, mia = await person(browsers, closed, "Ana"), await browsers.moderator(closed)
    room = await makes_a_room(ana)
    await tab(mia).asks("mute", {"person": (await ana.who())["id"], "seconds": 60})
    refused = await ana.http.post("/invitations", data={"room": room, "uses": "1", "hours": "1"})
    assert (refused.status_code, "muted" in refused.text) == (403, True)
    assert listed(await page_of(ana, room)) == []


async def test_only_what_a_moderator_does_is_written_down(closed: Chat, browsers: Browsers) -> None:
    """And not in which room."""
    ana, mia = await person(browsers, closed, "Ana"), await browsers.moderator(closed)
    room = await makes_a_room(ana, mia)
    for who in (ana, mia):
        await invites(who, room)
        for digest in digests(await page_of(who, room)):
            await who.http.post("/invitations/withdraw", data={"room": room, "invitation": digest})
    done = (await tab(mia).asks("audit", {}))["entries"]
    assert [each["what"] for each in done] == ["withdraw", "invite", "moderate"]
    assert done[1]["kind"] == "private"
    assert room not in str(done)


async def test_a_room_has_so_many_open_invitations_whoever_made_them(
    closed: Chat, browsers: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.rooms.invitations.MOST", 1)
    ana, ben = await person(browsers, closed, "Ana"), await person(browsers, closed, "Ben")
    room = await makes_a_room(ana, ben)
    await invites(ana, room)
    full: httpx.Response = await ben.http.post("/invitations", data={"room": room, "uses": "1", "hours": "1"})
    assert (full.status_code, "1 open invitations" in full.text) == (400, True)
