"""Invitations by link into private rooms: made by their members, for whoever has the link."""

import html
from typing import Any

import pytest
from relay.memory.records import MemoryRecords

from tests.unit.chat.events.guarded import made_up
from tests.unit.chat.http.linked import ACCESS_CODE, Browser, Browsers
from tests.unit.chat.http.private_links import (
    TITLE,
    digests,
    invites,
    listed,
    makes_a_room,
    members,
    page_of,
    person,
    tab,
)
from tests.unit.visitors import sign_in
from tests.unit.wire import Chat


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
