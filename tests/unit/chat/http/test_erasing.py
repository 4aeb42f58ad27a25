"""Somebody is put out for good, and their name goes: from all that they wrote, and all that is kept."""

import re
from pathlib import Path
from typing import Any

import pytest
from chat.domain.messages import message_of
from chat.domain.roles import MODERATOR
from chat.people.person_record import PersonRecord
from chat.rooms import erasure
from relay import Put

from tests.support.waiting import soon
from tests.unit.chat.events.guarded import Somebody, come_in, private_room, somebody, writes
from tests.unit.chat.events.moderated import CODE
from tests.unit.chat.http.erasing import GONE, erases, everything, is_done
from tests.unit.chat.http.linked import Browser, Browsers
from tests.unit.chat.http.test_put_out import says
from tests.unit.chat.http.test_roles import chat, gives, id_of, owner  # noqa: F401
from tests.unit.visitors import sign_in
from tests.unit.wire import Chat

pytestmark = pytest.mark.usefixtures("settled")


async def history(one: Somebody, room: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await one.asks("history", {"room": room, "after": 0}))["messages"]
    return found


async def test_the_name_goes_from_what_they_wrote_and_all_else_stays(moderated: Chat, mia: Browser) -> None:
    """Texts, numbers, ids and times; what others wrote, also where it names them. Who is there and who comes
    later see the same."""
    gone, ben = [await somebody(moderated, name) for name in (GONE, "Ben")]
    await writes(gone, "erase-a", "first", "second")
    await writes(ben, "erase-a", f"hello {gone.id}")
    await writes(gone, "erase-a", "third")
    before = await history(ben, "erase-a")
    told: list[Any] = []
    ben.client.sio.on("deleted", told.append)
    await erases(mia, gone.id)
    await is_done(moderated, gone.id)
    await soon(lambda: len(told) == 1, what="being told")
    after = await history(ben, "erase-a")
    assert [each["seq"] for each in after] == [1, 2, 3, 4, 5]
    assert after[:-1] == [
        each | ({"author": {"id": gone.id, "name": ""}} if each["author"]["id"] == gone.id else {})
        for each in before
    ]
    notice = {each: value for each, value in told[0].items() if each != "epoch"}
    assert after[-1] == notice
    assert notice["erases"] == [1, 2, 4]
    back = await ben.asks("join", {"room": "erase-a", "after": 4, "epoch": told[0]["epoch"]})
    assert back["messages"] == [notice]


async def test_nothing_with_the_name_is_left_anywhere(
    moderated: Chat, browsers: Browsers, mia: Browser
) -> None:
    """Of somebody who moderated, wrote in all kinds of rooms, was muted, and made links."""
    gone, ben = await browsers.of(moderated, GONE), await somebody(moderated, "Ben")
    await gone.becomes_a_moderator(CODE)
    person, tab = await id_of(gone), gone.tab
    assert tab is not None
    private = await private_room(ben, await device_of(moderated, gone))
    own = (await tab.asks("create", {"kind": "private", "title": "Own", "people": [ben.id]}))["room"]
    direct = (await ben.asks("create", {"kind": "direct", "people": [person]}))["room"]
    for room in ("erase-b", private, own, direct):
        await tab.asks("join", {"room": room})
        assert (await tab.asks("message", "hello", {"room": room}))["ok"]
    for event, about in (
        ("mute", {"person": ben.id, "name": "Ben", "seconds": 3600}),
        ("ban", {"address": "192.0.2.77"}),
        ("read", {"room": "erase-b", "seq": 1, "epoch": ""}),
    ):
        assert (await tab.asks(event, about))["ok"], event
    assert (
        await gone.http.post("/invitations", data={"room": "tea", "uses": "2", "hours": "1"})
    ).status_code == 200
    assert (
        await gone.http.post("/invitations", data={"room": private, "uses": "2", "hours": "1"})
    ).status_code == 200
    assert (await gone.http.post("/programs", data={"name": "Their bot", "days": "1"})).status_code == 200
    await gone.makes_a_link()
    assert mia.tab is not None
    muted = {"person": person, "name": GONE, "addresses": True}
    assert (await mia.tab.asks("mute", muted))["ok"]
    records = moderated.relay.manager.records
    await records.change(person, Put(f"provider:{person}", "login", GONE.encode(), 3600, 50))
    assert GONE in await everything(moderated)
    await erases(mia, person)
    await is_done(moderated, person)
    assert GONE not in await everything(moderated)
    assert "Ben" in await everything(moderated)
    for kept in (f"{own}:{person}" for own in erasure.OWN):
        assert kept not in moderated.relay.manager.records._kept
    assert person not in str(moderated.relay.manager.records._kept["names"])
    assert (await sign_in(browsers.new(moderated).http, name=GONE)).status_code == 303, "others may take it"
    for kept in (f"addresses of {person}", f"rooms of {person}"):
        assert not (moderated.relay.manager.store._kept.get(kept) or (None,))[0]
    [done, *_] = (await mia.tab.asks("audit", {}))["entries"]
    assert (done["what"], done["person"], done["by"]["name"]) == (
        "erase",
        {"id": person},
        "Moderating Mia",
    )
    rooms = await ben.rooms()
    assert rooms[direct]["about"]["others"] == [{"id": person, "name": ""}]
    for room in (private, own):
        members = (await ben.asks("members", {"room": room}))["members"]
        assert [each["name"] for each in members] == ["Ben"]


def test_all_records_of_a_person_alone_are_among_those_that_go() -> None:
    """Each has their id in its name. What a provider said of them, in a token, has the name too."""
    source = "".join(file.read_text() for file in (Path(__file__).parents[4] / "web/chat").rglob("*.py"))
    named = set(re.findall(r'f"([a-z-]+):\{person\}"', source))
    assert "provider" in named
    assert named - set(erasure.OWN) == set(), "name them in OWN of chat/rooms/erasure.py"


async def device_of(chat: Chat, browser: Browser) -> Somebody:  # noqa: F811
    assert browser.tab is not None
    return Somebody(browser.tab, (await browser.tab.who())["id"], browser.http.cookies["tertulia"], [])


async def test_in_a_direct_room_whoever_is_there_is_told_at_once(moderated: Chat, mia: Browser) -> None:
    """Also if they who are gone never wrote there."""
    gone, ben = [await somebody(moderated, name) for name in (GONE, "Ben")]
    direct = (await ben.asks("create", {"kind": "direct", "people": [gone.id]}))["room"]
    await come_in(direct, ben)
    told: list[Any] = []
    ben.client.sio.on("erased", told.append)
    await erases(mia, gone.id)
    await soon(lambda: told == [{"room": direct, "person": gone.id}], what="being told")
    joined = await ben.asks("join", {"room": direct})
    assert joined["about"]["others"] == [{"id": gone.id, "name": ""}]


async def test_many_messages_go_with_few_notices(
    moderated: Chat, mia: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.domain.authors.BATCH", 4)
    gone = await somebody(moderated, GONE)
    await writes(gone, "erase-c", *(f"number {number}" for number in range(10)))
    await erases(mia, gone.id)
    await is_done(moderated, gone.id)
    page = await moderated.relay.manager.log.read("erase-c")
    entries = [message_of(entry) for entry in page.entries]
    assert [each["author"]["name"] for each in entries[:10]] == [""] * 10
    assert [each["erases"] for each in entries[10:]] == [[7, 8, 9, 10], [3, 4, 5, 6], [1, 2]]


async def test_nobody_is_taken_back_whose_name_was_erased(
    moderated: Chat, browsers: Browsers, mia: Browser
) -> None:
    """Neither while it is under way nor after it. Whoever was put out before may be erased later."""
    gone = await browsers.of(moderated, GONE)
    person = await id_of(gone)
    assert (await says(mia, person, "out")).status_code == 303
    assert GONE in (await mia.opens(f"/people/{person}")).text
    await erases(mia, person)
    await gone.is_put_out()
    for path, fields in (("state", {"state": "in"}), ("state", {"state": "out"}), ("ticket", {})):
        answer = await mia.http.post(f"/people/{person}/{path}", data=fields)
        assert (answer.status_code, "The name of this person was erased" in answer.text) == (403, True)
    await is_done(moderated, person)
    assert (await says(mia, person, "in")).status_code == 403
    await erases(mia, person)
    await is_done(moderated, person)
    page = (await mia.opens(f"/people/{person}")).text
    assert "<h1><bdi>Erased name</bdi></h1>" in page
    assert not re.search('name="state"', page)
    spanish = await mia.http.get(f"/people/{person}", headers={"Accept-Language": "es"})
    assert "Nombre borrado" in spanish.text
    assert (await gone.opens("/you")).headers["location"] == "/sign-in"


async def test_only_who_may_put_somebody_out_erases_their_name(
    chat: Chat,  # noqa: F811
    browsers: Browsers,
    owner: Browser,  # noqa: F811
) -> None:
    mia, gone = await browsers.of(chat, "Mia"), await browsers.of(chat, GONE)
    for each in (mia, gone):
        await gives(owner, await id_of(each), MODERATOR)
        await each.is_put_out()
        await each.is_kept()
    person = await id_of(gone)
    ben = await browsers.of(chat, "Ben")
    assert (await says(ben, person, "erased")).status_code == 403
    assert (await says(mia, person, "erased")).status_code == 403
    assert (await says(mia, await id_of(mia), "erased")).status_code == 403
    assert (await says(owner, await id_of(owner), "erased")).status_code == 403
    await erases(owner, person)
    await is_done(chat, person)
    assert GONE not in await everything(chat)
    assert GONE not in (await owner.opens("/roles")).text
    kept = chat.relay.manager.records._kept["people"][person][0]
    record = PersonRecord.read(kept)
    assert record is not None
    assert (record.name, record.was, record.erased, record.out) == ("", "", True, True)
