"""Roles: the owner's link, the page of a person, and what a role lets somebody do."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from chat.domain.roles import MEMBER, MODERATOR, OWNER
from chat.people.logins import KeptLogins
from chat.people.role_watch import RoleWatch
from chat.people.roles import Roles
from chat.people.tickets import Tickets
from chat.settings import Settings

from tests.support.waiting import soon
from tests.unit.chat.http.linked import Browser, Browsers, link_of
from tests.unit.visitors import sign_in
from tests.unit.wire import Chat, Log


async def role_link(chat: Chat, role: str) -> str:
    """The path of a link that gives a role, as the command line makes it."""
    manager = chat.relay.manager
    tickets = Tickets(manager.store, manager.records, KeptLogins(manager.store, manager.records))
    return f"/ticket/{await tickets.for_role(role)}"


@pytest.fixture
async def chat(bundle: Path, log: Log) -> AsyncIterator[Chat]:
    """A chat of the test's own, in which nobody has a role yet, and that has no moderators' code."""
    async with Chat(Settings(port=0, client_bundle=bundle)) as chat:
        yield chat
    assert log.tracebacks == []


@pytest.fixture
async def owner(chat: Chat, browsers: Browsers) -> Browser:
    """Olga, who opened the link of the first run."""
    olga = browsers.new(chat)
    answer = await olga.uses(await role_link(chat, OWNER), name="Olga")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    await olga.is_kept()
    return olga


async def id_of(browser: Browser) -> str:
    return str((await browser.who())["id"])


async def gives(by: Browser, person: str, role: str) -> Any:
    return await by.http.post(f"/people/{person}/role", data={"role": role})


async def may_moderate(browser: Browser) -> bool:
    assert browser.tab is not None
    return bool((await browser.tab.asks("sanctions", {}))["ok"])


async def test_the_first_run_makes_an_owner_who_moderates_without_a_code(chat: Chat, owner: Browser) -> None:
    assert await owner.who() == {"id": await id_of(owner), "name": "Olga", "moderator": True}
    assert await may_moderate(owner)
    assert owner.tab is not None
    [done, *_] = (await owner.tab.asks("audit", {}))["entries"]
    assert (done["what"], done["by"]["name"]) == ("own", "Olga")


async def test_the_owners_link_is_over_once_there_is_an_owner(
    chat: Chat, browsers: Browsers, owner: Browser
) -> None:
    """Also another one, that was made before."""
    eve = browsers.new(chat)
    answer = await eve.opens(await role_link(chat, OWNER))
    assert (answer.status_code, "Used already" in answer.text) == (410, True)
    assert "tertulia" not in eve.http.cookies


async def test_a_link_for_a_role_is_good_once(chat: Chat, browsers: Browsers, owner: Browser) -> None:
    ana, eve = browsers.new(chat), browsers.new(chat)
    link = await role_link(chat, MODERATOR)
    pages = [await ana.opens(link), await eve.opens(link)]
    assert (await ana.presses(pages[0], name="Ana")).status_code == 303
    assert (await ana.presses(pages[0], name="Ana")).status_code == 303, "the button was pressed twice"
    assert (await eve.presses(pages[1], name="Eve")).status_code == 410
    await ana.is_kept()
    assert await may_moderate(ana)


async def test_whoever_is_here_already_stays_who_they_are(
    chat: Chat, browsers: Browsers, owner: Browser
) -> None:
    ana = await browsers.of(chat, "Ana")
    before = await id_of(ana)
    page = await ana.opens(await role_link(chat, MODERATOR))
    assert "In this browser you are Ana" in page.text
    assert (await ana.presses(page)).status_code == 303
    assert await ana.who() == {"id": before, "name": "Ana", "moderator": True}


async def test_a_link_never_lowers_a_role_and_is_not_used_up_by_who_has_it(
    chat: Chat, browsers: Browsers, owner: Browser
) -> None:
    ana, link = browsers.new(chat), await role_link(chat, MODERATOR)
    for name in ("Ben", "Cem"):  # also where there is another owner
        answer = await owner.uses(link, attempt="by hand, past the page")
        assert (answer.status_code, "You have this role" in answer.text) == (200, True)
        assert "Owner" in (await owner.opens("/roles")).text
        await gives(owner, await id_of(await browsers.of(chat, name)), OWNER)
    assert (await ana.uses(link, name="Ana")).status_code == 303


async def test_a_role_is_for_whom_the_page_showed(chat: Chat, browsers: Browsers, owner: Browser) -> None:
    """The browser may have become somebody else since, in another tab."""
    ana = await browsers.of(chat, "Ana")
    page = await ana.opens(await role_link(chat, MODERATOR))
    ana.http.cookies.clear()
    assert (await sign_in(ana.http, name="Ben")).status_code == 303
    answer = await ana.presses(page)
    assert (answer.status_code, "In this browser you are Ben" in answer.text) == (200, True)
    assert (await ana.presses(answer)).status_code == 303


async def test_a_way_back_that_was_made_before_a_role_was_given_gives_it_to_nobody(
    chat: Chat, browsers: Browsers, owner: Browser
) -> None:
    """A moderator could have made it for themselves."""
    mia, ana, other = await browsers.of(chat, "Mia"), await browsers.of(chat, "Ana"), browsers.new(chat)
    await gives(owner, await id_of(mia), MODERATOR)
    await mia.is_put_out()
    await mia.is_kept()
    person = await id_of(ana)
    link = link_of(await mia.http.post(f"/people/{person}/ticket"))
    await gives(owner, person, OWNER)
    assert (await other.opens(link)).status_code == 410
    assert "tertulia" not in other.http.cookies


async def test_nobody_takes_the_name_of_who_was_just_given_a_role(
    chat: Chat, browsers: Browsers, owner: Browser
) -> None:
    """They need not have come again since."""
    ana = await browsers.of(chat, "Ana")
    person = await id_of(ana)
    assert ana.tab is not None
    await ana.tab.disconnect()
    await gives(owner, person, MODERATOR)
    for name in ("Ana", "ana"):
        answer = await sign_in(browsers.new(chat).http, name=name)
        assert (answer.status_code, "has this name" in answer.text) == (403, True)


async def test_a_bad_name_leaves_the_link_good(chat: Chat, browsers: Browsers, owner: Browser) -> None:
    ana = browsers.new(chat)
    link = await role_link(chat, MODERATOR)
    assert (await ana.uses(link, name="x" * 41)).status_code == 400
    assert (await ana.uses(link, name="Ana")).status_code == 303


async def test_an_owner_gives_and_takes_a_role(chat: Chat, browsers: Browsers, owner: Browser) -> None:
    """It holds at once, on the connection that is open; and the cookie is the same."""
    ana = await browsers.of(chat, "Ana")
    person, cookie = await id_of(ana), ana.http.cookies["tertulia"]
    assert not await may_moderate(ana)
    page = await owner.opens(f"/people/{person}")
    assert "Guest" in page.text
    assert "Make a moderator" in page.text
    answer = await gives(owner, person, MODERATOR)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/people/{person}")
    await ana.is_put_out()
    await ana.is_kept()
    assert await may_moderate(ana)
    assert "Moderator" in (await owner.opens(f"/people/{person}")).text
    assert "Ana" in (await owner.opens("/roles")).text
    await gives(owner, person, MEMBER)
    await ana.is_put_out()
    await ana.is_kept()
    assert not await may_moderate(ana)
    assert ana.http.cookies["tertulia"] == cookie or await id_of(ana) == person
    assert owner.tab is not None
    done = (await owner.tab.asks("audit", {}))["entries"][:2]
    assert [each["what"] for each in done] == ["make member", "make moderator"]
    assert {each["person"]["name"] for each in done} == {"Ana"}


async def test_nobody_else_gives_roles(chat: Chat, browsers: Browsers, owner: Browser) -> None:
    """Not a moderator, nor somebody to themselves, nor a stranger."""
    ana, mia = await browsers.of(chat, "Ana"), await browsers.of(chat, "Mia")
    await gives(owner, await id_of(mia), MODERATOR)
    await mia.is_put_out()
    await mia.is_kept()
    for who in (ana, mia):
        for person in (await id_of(ana), await id_of(mia)):
            assert (await gives(who, person, OWNER)).status_code == 403
    stranger = browsers.new(chat)
    assert (await gives(stranger, await id_of(ana), OWNER)).headers["location"] == "/sign-in"
    assert (await ana.opens(f"/people/{await id_of(mia)}")).status_code == 403
    assert (await ana.opens("/roles")).status_code == 403
    assert (await stranger.opens("/roles")).headers["location"] == "/sign-in"
    assert "Make an owner" not in (await mia.opens(f"/people/{await id_of(ana)}")).text
    assert not await may_moderate(ana)


async def test_what_is_no_role_or_no_person_changes_nothing(
    chat: Chat, browsers: Browsers, owner: Browser
) -> None:
    person = await id_of(await browsers.of(chat, "Ana"))
    for role in ("", "guest", "admin", "x" * 5000):
        assert (await gives(owner, person, role)).status_code == 400
    for nobody in ("0" * 16, "a%20b", "x" * 300):
        assert (await gives(owner, nobody, MODERATOR)).status_code == 400
    assert "Guest" in (await owner.opens(f"/people/{person}")).text


async def test_the_only_owner_is_told_why_they_stay_one(owner: Browser) -> None:
    answer = await gives(owner, await id_of(owner), MEMBER)
    assert answer.status_code == 403
    assert "This is the only owner" in answer.text
    assert await may_moderate(owner)


async def test_no_way_back_gives_a_role_away(chat: Chat, browsers: Browsers, owner: Browser) -> None:
    """A moderator can't become another one, or the owner. An owner can bring a moderator back."""
    mia, ana = await browsers.of(chat, "Mia"), await browsers.of(chat, "Ana")
    for each in (mia, ana):
        await gives(owner, await id_of(each), MODERATOR)
        await each.is_put_out()
        await each.is_kept()
    for person in (await id_of(ana), await id_of(owner)):
        answer = await mia.http.post(f"/people/{person}/ticket")
        assert (answer.status_code, "would have this person" in answer.text) == (403, True)
    assert (await owner.http.post(f"/people/{await id_of(owner)}/ticket")).status_code == 403
    assert (await owner.http.post(f"/people/{await id_of(ana)}/ticket")).status_code == 200


async def test_a_role_that_was_taken_ends_also_where_the_order_was_lost(
    chat: Chat, browsers: Browsers, owner: Browser
) -> None:
    ana = await browsers.of(chat, "Ana")
    person, manager = await id_of(ana), chat.relay.manager
    await gives(owner, person, MODERATOR)
    await ana.is_put_out()
    await ana.is_kept()

    async def lost(group: str) -> None:
        pass

    await Roles(manager.records, 365, lost).give(person, MEMBER)
    assert await may_moderate(ana)
    watch: RoleWatch = chat.connections._role_watch
    await watch.look()
    await soon(lambda: ana.tab is not None and not ana.tab.sio.connected, what="Ana is disconnected")
    await ana.is_kept()
    assert not await may_moderate(ana)
