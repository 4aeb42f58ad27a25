"""How often an invitation into a private room holds, and for whom it doesn't."""

import asyncio
import html
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from chat.rooms import room_record
from chat.settings import Settings
from relay import LogUnavailable
from relay.memory.records import MemoryRecords

from tests.unit.chat.events.moderated import CODE as MODERATORS_CODE
from tests.unit.chat.http.linked import ACCESS_CODE, Browsers
from tests.unit.chat.http.private_links import invites, listed, makes_a_room, members, page_of, person, tab
from tests.unit.wire import Chat


@pytest.fixture
async def closed(bundle: Path) -> AsyncIterator[Chat]:
    """A chat with an access code and moderators, where nobody may be in many rooms."""
    settings = Settings(
        port=0, client_bundle=bundle, access_code=ACCESS_CODE, admin_code=MODERATORS_CODE, rooms_per_person=3
    )
    async with Chat(settings) as chat:
        yield chat


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


async def test_a_room_has_so_many_open_invitations_whoever_made_them(
    closed: Chat, browsers: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.rooms.invitations.MOST", 1)
    ana, ben = await person(browsers, closed, "Ana"), await person(browsers, closed, "Ben")
    room = await makes_a_room(ana, ben)
    await invites(ana, room)
    full: httpx.Response = await ben.http.post("/invitations", data={"room": room, "uses": "1", "hours": "1"})
    assert (full.status_code, "1 open invitations" in full.text) == (400, True)
