"""Invitations: links by which somebody new comes in, made and withdrawn by moderators."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from chat.settings import Settings

from tests.unit.chat.events.moderated import CODE as MODERATORS_CODE
from tests.unit.chat.http.linked import ACCESS_CODE, Browser, Browsers, link_of
from tests.unit.visitors import connects, sign_in
from tests.unit.wire import Chat, Client

FOR_ONE = {"room": "tea", "uses": "1", "hours": "24"}


@pytest.fixture
async def by_invitation(bundle: Path) -> AsyncIterator[Chat]:
    """A chat without guests."""
    settings = Settings(port=0, client_bundle=bundle, guests=False, admin_code=MODERATORS_CODE)
    async with Chat(settings) as chat:
        yield chat


async def invites(by: Browser, **fields: str) -> str:
    return link_of(await by.http.post("/invitations", data={**FOR_ONE, **fields}))


def listed(page: httpx.Response) -> list[str]:
    """How much is left of each open invitation that a page shows."""
    return re.findall(r"<h3>(.*?)</h3>", page.text)


async def test_whoever_is_invited_comes_in_without_the_code(closed: Chat, browsers: Browsers) -> None:
    """Into the room, and stays the same person."""
    mia, ben = await browsers.moderator(closed), browsers.new(closed)
    page = await ben.opens(await invites(mia))
    assert "Invitation to tea" in page.text
    answer = await ben.presses(page, name="Ben")
    assert (answer.status_code, answer.headers["location"]) == (303, "/rooms/tea")
    assert (await ben.opens("/rooms/tea")).status_code == 200
    assert (await ben.who())["name"] == "Ben"


async def test_as_many_come_in_as_are_invited(closed: Chat, browsers: Browsers) -> None:
    """Of those who press at once too. A name that can't be uses nothing up, nor does who is in already."""
    mia, *others = await browsers.moderator(closed), *(browsers.new(closed) for _ in range(5))
    link = await invites(mia, uses="3")
    for name in ("", "x" * 41, "Mia"):
        refused = await others[0].uses(link, name=name)
        assert refused.status_code in (400, 403)
        assert 'aria-invalid="true"' in refused.text
    assert (await mia.opens(link)).headers["location"] == "/rooms/tea"
    answers = await asyncio.gather(*(each.uses(link, name=f"Guest {n}") for n, each in enumerate(others)))
    assert sorted(answer.status_code for answer in answers) == [303, 303, 303, 410, 410]
    assert "No place left" in (await browsers.new(closed).opens(link)).text


async def test_nobody_is_invited_to_an_archived_room(closed: Chat, browsers: Browsers) -> None:
    mia = await browsers.moderator(closed)
    client = await connects(closed, mia.http)
    assert (await client.asks("archive", {"room": "tea", "archived": True}))["ok"]
    refused = await mia.http.post("/invitations", data=FOR_ONE)
    assert refused.status_code == 400
    assert "This room is archived" in refused.text
    assert (await client.asks("archive", {"room": "tea", "archived": False}))["ok"]
    await invites(mia)


async def test_moderators_list_and_withdraw_what_is_open(closed: Chat, browsers: Browsers) -> None:
    """Of one room. The list has no secret, and what was done is written down."""
    mia, ben = await browsers.moderator(closed), browsers.new(closed)
    links = [
        await invites(mia, uses=uses, hours=hours) for uses, hours in (("1", "1"), ("7", "720"), ("5", "24"))
    ]
    await invites(mia, room="elsewhere")
    assert (await ben.uses(links[2], name="Ben")).status_code == 303
    page = await mia.opens("/invitations?room=tea")
    assert listed(page) == ["1 of 1 left", "4 of 5 left", "7 of 7 left"]
    assert "ends in 30 d" in page.text
    assert not [link for link in links if link.rpartition("/")[2] in page.text]
    digest = re.findall(r'name="invitation" value="(\w+)"', page.text)[2]
    for room in ("elsewhere", "tea"):  # by that of another room nothing is withdrawn
        form = {"room": room, "invitation": digest}
        assert (await mia.http.post("/invitations/withdraw", data=form)).status_code == 303
        left = listed(await mia.opens("/invitations?room=tea"))
        assert ("7 of 7 left" in left) == (room == "elsewhere")
    gone = await browsers.new(closed).opens(links[1])
    assert (gone.status_code, "Withdrawn" in gone.text) == (410, True)
    assert mia.tab is not None
    done = (await mia.tab.asks("audit", {}))["entries"]
    assert [each["what"] for each in done] == ["withdraw", "withdraw", *["invite"] * 4, "moderate"]
    assert (done[-2]["room"], done[-2]["uses"], done[-2]["until"] - done[-2]["at"]) == ("tea", 1, 3_600_000)


@pytest.mark.parametrize(
    "wrong",
    [{"uses": "0"}, {"uses": "1001"}, {"uses": "ten"}, {"uses": "²"}, {"hours": "0"}, {"hours": "721"}],
)
async def test_an_invitation_has_a_number_and_an_end(
    closed: Chat, wrong: dict[str, str], browsers: Browsers
) -> None:
    mia = await browsers.moderator(closed)
    answer = await mia.http.post("/invitations", data={**FOR_ONE, **wrong})
    assert answer.status_code == 400
    assert "Give a whole number from 1 to" in answer.text
    assert listed(answer) == []
    for missing in ("uses", "hours"):
        form = {name: value for name, value in FOR_ONE.items() if name != missing}
        assert (await mia.http.post("/invitations", data=form)).status_code == 400
    assert "A room's name" in (
        await mia.http.post("/invitations", data={**FOR_ONE, "room": "No"})
    ).text.replace("&#39;", "'")


async def test_only_moderators_invite(closed: Chat, browsers: Browsers) -> None:
    ana, stranger = browsers.new(closed), browsers.new(closed)
    await sign_in(ana.http, name="Ana", code=ACCESS_CODE)
    for who, status in ((ana, 403), (stranger, 303)):
        answers = [
            await who.opens("/invitations"),
            await who.http.post("/invitations", data=FOR_ONE),
            await who.http.post("/invitations/withdraw", data={"room": "tea", "invitation": "x"}),
        ]
        assert [answer.status_code for answer in answers] == [status] * 3


async def test_a_room_has_a_hundred_open_invitations(
    closed: Chat, monkeypatch: pytest.MonkeyPatch, browsers: Browsers
) -> None:
    """One that is used up or withdrawn makes place."""
    monkeypatch.setattr("chat.rooms.invitations.MOST", 2)
    mia, ben = await browsers.moderator(closed), browsers.new(closed)
    link, _ = await invites(mia), await invites(mia)
    full = await mia.http.post("/invitations", data=FOR_ONE)
    assert (full.status_code, "2 open invitations" in full.text) == (400, True)
    await invites(mia, room="elsewhere")
    assert (await ben.uses(link, name="Ben")).status_code == 303
    await invites(mia)


async def test_without_guests_somebody_new_is_told_how_to_come_in(
    by_invitation: Chat, browsers: Browsers
) -> None:
    """People by a page, programs by a refusal; and an invitation leads in."""
    mia, ben, stranger = browsers.new(by_invitation), browsers.new(by_invitation), browsers.new(by_invitation)
    turned = await stranger.opens("/rooms/tea")
    assert (turned.status_code, turned.headers["location"]) == (303, "/sign-in?next=/rooms/tea")
    assert "set-cookie" not in turned.headers
    page = await stranger.opens("/sign-in")
    assert "By invitation" in page.text
    assert 'name="name"' not in page.text
    assert (await sign_in(stranger.http, name="Eve")).status_code == 403
    for auth in (None, {"name": "Eve"}, {"name": "Eve", "code": "guess"}):
        program = Client(["websocket"])
        with pytest.raises(Exception, match=r"refused|failed"):
            await program.connect(by_invitation.url, auth=auth)
        data = program.refusal["data"]
        assert (data["error"], data["reason"]) == ("forbidden", "invitation_needed")
    assert 'name="name"' in (await mia.opens("/moderate")).text
    wrong = await mia.http.post("/moderate", data={"name": "Mia", "code": "guess"})
    assert (wrong.status_code, 'value="Mia"' in wrong.text) == (403, True)
    assert (await mia.http.post("/moderate", data={"name": "", "code": MODERATORS_CODE})).status_code == 400
    await mia.http.post("/moderate", data={"name": "Mia", "code": MODERATORS_CODE})
    assert (await mia.who())["moderator"]
    assert (await ben.uses(await invites(mia), name="Ben")).headers["location"] == "/rooms/tea"
    assert (await ben.who())["name"] == "Ben"


async def test_without_guests_a_program_that_moderates_comes_in(by_invitation: Chat) -> None:
    program = await by_invitation.client("websocket", auth={"name": "Bot", "admin": MODERATORS_CODE})
    assert (await program.who())["moderator"]
    await program.disconnect()


async def test_cookies_from_before_count_when_guests_are_turned_off(bundle: Path) -> None:
    key = "k" * 32
    async with Chat(Settings(port=0, client_bundle=bundle, secret_key=key)) as chat:
        cookie = (await chat.http.get("/")).cookies["tertulia"]
    settings = Settings(
        port=0, client_bundle=bundle, secret_key=key, guests=False, admin_code=MODERATORS_CODE
    )
    async with Chat(settings) as chat:
        page = await chat.http.get("/rooms/tea", headers={"Cookie": f"tertulia={cookie}"})
        assert page.status_code == 200


async def test_with_a_code_guests_or_not_it_leads_in(bundle: Path, browsers: Browsers) -> None:
    settings = Settings(port=0, client_bundle=bundle, guests=False, access_code=ACCESS_CODE)
    async with Chat(settings) as chat:
        ana = browsers.new(chat)
        assert (await sign_in(ana.http, name="Ana", code=ACCESS_CODE)).status_code == 303
