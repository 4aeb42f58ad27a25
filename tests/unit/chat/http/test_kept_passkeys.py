"""Passkeys as they are kept: how many, when they end, and when a code is needed besides."""

from pathlib import Path
from typing import Any

import pytest
from chat.people.passkey import OF_PERSON
from chat.people.passkeys import WRONG
from chat.settings import Settings

from tests.unit.chat.events.moderated import CODE
from tests.unit.chat.http.holders import NOBODY, Holder, holds, said
from tests.unit.chat.http.linked import ACCESS_CODE, Browsers
from tests.unit.wire import Chat

ERA = "chat.http.login_cookie.Logins.era"


async def test_the_eleventh_passkey_is_refused(chat: Chat, ana: Holder) -> None:
    """None gives way to it."""
    await ana.comes_back()
    for _ in range(OF_PERSON - 1):
        assert (await ana.adds()).status_code == 201
    status, why = said(await ana.adds())
    assert (status, why) == (400, "You have 10 passkeys, the most there can be. End one first.")
    page = (await ana.http.get("/you")).text
    assert "You have 10 passkeys" in page
    assert "Add a passkey" not in page
    assert page.count("/you/passkeys/") == OF_PERSON


async def test_a_passkey_is_ended_on_the_page_and_brings_nobody_back(ana: Holder) -> None:
    """The login that began with it goes on. What is no passkey of one's own ends nothing."""
    await ana.comes_back()
    for which in ("0" * 32, "challenges", "%00", "d" * 4000):
        assert (await ana.http.post(f"/you/passkeys/{which}")).status_code in (303, 404)
    page = (await ana.http.get("/you")).text
    [path] = {
        each.partition('"')[0] for each in page.split('action="')[1:] if each.startswith("/you/passkeys/")
    }
    answer = await ana.http.post(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/you")
    assert "/you/passkeys/" not in (await ana.http.get("/you")).text
    assert (await ana.who())["name"] == "Ana"
    await ana.forgets()
    assert said(await ana.comes_back()) == NOBODY
    assert (await ana.http.post(path)).headers["location"] == "/sign-in"


async def test_passkeys_stay_when_all_other_logins_are_ended(chat: Chat, ana: Holder) -> None:
    """And the page says so."""
    await ana.comes_back()
    assert "Passkeys stay when you end logins" in (await ana.http.get("/you")).text
    await ana.http.post("/you/logins/others")
    await ana.forgets()
    assert (await ana.comes_back()).status_code == 200


async def test_a_moderator_who_ends_somebodys_logins_ends_their_passkeys(
    moderated: Chat, browsers: Browsers
) -> None:
    """Somebody else may have one."""
    mia, ana = await browsers.of(moderated, "Mia"), await holds(moderated, "Ana")
    await mia.becomes_a_moderator(CODE)
    await ana.comes_back()
    person = await ana.id()
    assert "and their passkeys end" in (await mia.opens(f"/people/{person}")).text
    assert (await mia.http.post(f"/people/{person}/logins", data={"which": "all"})).status_code == 303
    assert (await ana.http.get("/you")).headers["location"] == "/sign-in", "the login ended, too"
    ana.http.cookies.clear()
    assert said(await ana.comes_back()) == NOBODY
    await ana.closes()


async def test_who_was_put_out_does_not_come_back_with_a_passkey(moderated: Chat, browsers: Browsers) -> None:
    """Nor by one from before, when they are let in again."""
    mia, ana = await browsers.of(moderated, "Mia"), await Holder.of(moderated, "Ana")
    await mia.becomes_a_moderator(CODE)
    person = await ana.id()
    await ana.adds()
    await ana.forgets()
    for state in ("out", "in"):
        assert (await mia.http.post(f"/people/{person}/state", data={"state": state})).status_code == 303
        assert said(await ana.comes_back()) == NOBODY
    await ana.closes()


async def test_a_passkey_that_is_left_of_who_was_put_out_brings_nobody_back(chat: Chat, ana: Holder) -> None:
    """As by a worker of a release that knows no passkeys."""
    people = chat.relay.manager.records._kept["people"]
    person = ana.authenticator.keys[0].person.decode()
    content, until = people[person]
    people[person] = content[:-1] + b', "out": true}', until
    assert said(await ana.comes_back()) == NOBODY


async def test_a_passkey_does_not_bring_back_the_badge(moderated: Chat) -> None:
    """Which is that of a browser that gave the moderators' code."""
    ana = await Holder.of(moderated, "Ana")
    await ana.becomes_a_moderator(CODE)
    assert "moderator" in await ana.who()
    await ana.adds()
    await ana.forgets()
    await ana.comes_back()
    assert "moderator" not in await ana.who()
    await ana.closes()


async def test_who_has_a_passkey_needs_no_code_until_it_is_another(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the one that is in the form goes along; a team would not be rid of anybody otherwise."""
    async with Chat(Settings(port=0, client_bundle=bundle, access_code=ACCESS_CODE)) as chat:
        ana = await holds(chat, "Ana", code=ACCESS_CODE)
        assert (await ana.comes_back()).status_code == 200
        await ana.forgets()

        async def era(*_: Any) -> str:
            return "of another code"

        monkeypatch.setattr(ERA, era)
        assert said(await ana.comes_back()) == (403, "This chat needs an access code.")
        assert said(await ana.comes_back({"code": "a guess"})) == (403, "This is not the access code.")
        for _ in range(WRONG):  # what is refused for the code is no wrong passkey
            await ana.comes_back()
        assert (await ana.comes_back({"code": ACCESS_CODE})).status_code == 200
        await ana.forgets()
        assert (await ana.comes_back()).status_code == 200, "it was given since"
        await ana.closes()


async def test_where_only_invitations_lead_in_a_passkey_brings_back(bundle: Path) -> None:
    async with Chat(Settings(port=0, client_bundle=bundle, guests=False, admin_code=CODE)) as chat:
        ana = Holder(chat)
        await ana.http.post("/moderate", data={"name": "Ana", "code": CODE})
        await ana.is_kept()
        assert (await ana.adds()).status_code == 201
        await ana.forgets()
        page = (await ana.http.get("/sign-in?next=/rooms/tea")).text
        assert 'data-ask="/passkey" data-next="/rooms/tea"' in page
        assert (await ana.comes_back()).status_code == 200
        assert (await ana.who())["name"] == "Ana"
        await ana.closes()
