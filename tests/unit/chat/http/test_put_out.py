"""Somebody is put out for good: by no cookie, link or room do they come in, until they are taken back."""

from time import time
from typing import Any

import pytest
from chat.domain.roles import MODERATOR

from tests.support.waiting import soon
from tests.unit.chat.events.moderated import CODE
from tests.unit.chat.http.linked import Browser, Browsers, link_of
from tests.unit.chat.http.test_roles import chat, gives, id_of, may_moderate, owner  # noqa: F401
from tests.unit.visitors import connects
from tests.unit.wire import Chat


async def says(by: Browser, person: str, state: str) -> Any:
    return await by.http.post(f"/people/{person}/state", data={"state": state})


async def ends_logins(by: Browser, person: str) -> Any:
    return await by.http.post(f"/people/{person}/logins", data={"which": "all"})


async def on_two_devices(where: Chat, browsers: Browsers) -> tuple[Browser, Browser]:
    """Ana's laptop and her phone."""
    laptop, phone = await browsers.of(where, "Ana"), browsers.new(where)
    assert (await phone.uses(await laptop.makes_a_link())).status_code == 303
    await phone.is_kept()
    return laptop, phone


async def comes_as(browser: Browser, person: str) -> bool:
    """Whether the browser's cookie still makes this person of whoever connects."""
    client = await connects(browser.chat, browser.http)
    who = await client.who()
    await client.disconnect()
    return bool(who["id"] == person)


async def test_who_is_put_out_is_disconnected_and_no_cookie_of_theirs_counts(
    moderated: Chat, browsers: Browsers, mia: Browser
) -> None:
    laptop, phone = await on_two_devices(moderated, browsers)
    person = await id_of(laptop)
    assert (await says(mia, person, "out")).status_code == 303
    for each in (laptop, phone):
        await each.is_put_out()
        assert not await comes_as(each, person)
        assert (await each.opens("/you")).headers["location"] == "/sign-in"
    assert "Put out" in (await mia.opens(f"/people/{person}")).text
    assert mia.tab is not None
    [done, *_] = (await mia.tab.asks("audit", {}))["entries"]
    assert (done["what"], done["person"]["name"]) == ("put out", "Ana")


async def test_a_moderator_by_the_code_is_put_out_also_where_the_order_was_lost(
    moderated: Chat, browsers: Browsers, mia: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bans do not hold for moderators, so no look at the bans finds them."""
    eve, manager = await browsers.of(moderated, "Eve"), moderated.relay.manager
    await eve.becomes_a_moderator(CODE)
    person = await id_of(eve)

    async def lost(group: str) -> None:
        pass

    with monkeypatch.context() as broken:
        broken.setattr(manager, "disconnect_group", lost)
        await says(mia, person, "out")
    assert await may_moderate(eve)
    await moderated.connections._role_watch.look()
    await eve.is_put_out()
    assert not await comes_as(eve, person)
    assert await may_moderate(mia)


async def test_no_link_leads_back_to_who_was_put_out(
    moderated: Chat, browsers: Browsers, mia: Browser
) -> None:
    """Neither one that was made before, nor a new one."""
    ana, other = await browsers.of(moderated, "Ana"), browsers.new(moderated)
    person = await id_of(ana)
    links = [await ana.makes_a_link(), link_of(await mia.http.post(f"/people/{person}/ticket"))]
    await says(mia, person, "out")
    links.append(link_of(await mia.http.post(f"/people/{person}/ticket")))
    for link in links:
        assert (await other.opens(link)).status_code == 410
    assert "tertulia" not in other.http.cookies


async def test_who_is_put_out_leaves_private_rooms_and_is_not_added_again(
    moderated: Chat, browsers: Browsers, mia: Browser
) -> None:
    ana, ben = await browsers.of(moderated, "Ana"), await browsers.of(moderated, "Ben")
    person = await id_of(ana)
    assert ben.tab is not None
    made = await ben.tab.asks("create", {"kind": "private", "title": "Plans", "people": [person]})
    assert made["ok"]
    await says(mia, person, "out")
    members = (await ben.tab.asks("members", {"room": made["room"]}))["members"]
    assert [each["name"] for each in members] == ["Ben"]
    again = await ben.tab.asks("invite", {"room": made["room"], "person": person})
    assert again["reason"] == "unknown_person"


async def test_a_note_that_was_on_its_way_keeps_no_login(
    moderated: Chat, browsers: Browsers, mia: Browser
) -> None:
    """As of a connection that was closed by it."""
    ana = await browsers.of(moderated, "Ana")
    person = await id_of(ana)
    assert ana.tab is not None
    connection = next(each for each in moderated.connections._open.values() if each.person.id == person)
    await says(mia, person, "out")
    notes = moderated.connections._login_notes
    notes.note(connection.note)
    await notes._write()
    assert not await comes_as(ana, person)


async def test_who_is_taken_back_comes_by_a_way_back(
    moderated: Chat, browsers: Browsers, mia: Browser
) -> None:
    """As the same person. Their cookies of before do not count again."""
    ana, again = await browsers.of(moderated, "Ana"), browsers.new(moderated)
    person = await id_of(ana)
    await says(mia, person, "out")
    assert (await says(mia, person, "in")).status_code == 303
    assert not await comes_as(ana, person)
    link = link_of(await mia.http.post(f"/people/{person}/ticket"))
    assert (await again.uses(link)).status_code == 303
    assert await comes_as(again, person)
    client = await connects(moderated, again.http)
    assert (await client.say("I am back"))["ok"]
    await client.disconnect()


async def test_nobody_but_a_moderator_puts_out_and_nobody_themselves(
    moderated: Chat, browsers: Browsers, mia: Browser
) -> None:
    ana, ben = await browsers.of(moderated, "Ana"), await browsers.of(moderated, "Ben")
    for path, fields in (("state", {"state": "out"}), ("logins", {"which": "all"})):
        answer = await ana.http.post(f"/people/{await id_of(ben)}/{path}", data=fields)
        assert answer.status_code == 403
    assert (await says(mia, await id_of(mia), "out")).status_code == 400
    for state in ("", "away", "x" * 5000):
        assert (await says(mia, await id_of(ben), state)).status_code == 400
    for each in (ana, ben, mia):
        assert await comes_as(each, await id_of(each))


async def test_an_owner_puts_a_moderator_out_and_nobody_an_owner(
    chat: Chat,  # noqa: F811
    browsers: Browsers,
    owner: Browser,  # noqa: F811
) -> None:
    mia, ben = await browsers.of(chat, "Mia"), await browsers.of(chat, "Ben")
    for each in (mia, ben):
        await gives(owner, await id_of(each), MODERATOR)
        await each.is_put_out()
        await each.is_kept()
    for person in (await id_of(ben), await id_of(owner)):
        answer = await says(mia, person, "out")
        assert (answer.status_code, "nobody to an owner" in answer.text) == (403, True)
        assert (await ends_logins(mia, person)).status_code == 403
    assert await may_moderate(ben)
    assert (await says(owner, await id_of(owner), "out")).status_code == 403
    person = await id_of(mia)
    assert (await says(owner, person, "out")).status_code == 303
    await mia.is_put_out()
    assert not await comes_as(mia, person)
    assert "Mia" not in (await owner.opens("/roles")).text


async def test_a_moderator_ends_all_logins_of_somebody(
    moderated: Chat, browsers: Browsers, mia: Browser
) -> None:
    """Who comes again by a way back is the same person."""
    laptop, phone = await on_two_devices(moderated, browsers)
    person = await id_of(laptop)
    assert (await ends_logins(mia, person)).status_code == 303
    for each in (laptop, phone):
        await each.is_put_out()
        assert not await comes_as(each, person)
    # A cookie has the second in which it was signed: one of this second might be from before.
    ended, again = int(time()), browsers.new(moderated)
    await soon(lambda: int(time()) > ended, what="another second")
    assert (await again.uses(link_of(await mia.http.post(f"/people/{person}/ticket")))).status_code == 303
    assert await comes_as(again, person)
