"""Names of members, by all the ways in. Whoever gave the access code is a member."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from chat.domain.roles import OWNER
from chat.settings import Settings

from tests.support.waiting import PATIENCE, soon
from tests.unit.chat.http.cookies import KEY
from tests.unit.chat.http.linked import ACCESS_CODE, Browser, Browsers, link_of
from tests.unit.chat.http.programming import refused as refused_program
from tests.unit.chat.http.test_roles import role_link
from tests.unit.visitors import sign_in
from tests.unit.wire import Chat, Log

TAKEN = "Somebody who is known here has this name"


@pytest.fixture
async def members(bundle: Path, log: Log) -> AsyncIterator[Chat]:
    """A chat of the test's own, for whoever has its access code."""
    async with Chat(Settings(port=0, client_bundle=bundle, secret_key=KEY, access_code=ACCESS_CODE)) as chat:
        yield chat
    assert log.tracebacks == []


@pytest.fixture
async def ana(members: Chat, browsers: Browsers) -> Browser:
    """Ana, who is a member, and whose name is noted."""
    ana = await browsers.of(members, "Ana", code=ACCESS_CODE)
    await soon(lambda: "names" in members.relay.manager.records._kept, what="the name is noted")
    return ana


def refused(answer: httpx.Response) -> bool:
    return answer.status_code == 403 and TAKEN in answer.text


async def test_nobody_signs_in_under_a_members_name(members: Chat, ana: Browser, browsers: Browsers) -> None:
    eve = browsers.new(members)
    assert refused(await sign_in(eve.http, name="Аnа", code=ACCESS_CODE))
    assert (await sign_in(eve.http, name="Eve", code=ACCESS_CODE)).status_code == 303
    assert refused(await sign_in(eve.http, name="ana")), "neither by changing one's name"
    assert (await sign_in(ana.http, name="ANA")).status_code == 303, "her own"


async def test_no_program_comes_under_a_members_name(members: Chat, ana: Browser) -> None:
    reason = await refused_program(members, {"name": "Ana", "code": ACCESS_CODE})
    assert (reason["error"], reason["reason"]) == ("forbidden", "name_of_member")


async def test_nobody_new_comes_by_a_link_under_a_members_name(
    members: Chat, ana: Browser, browsers: Browsers
) -> None:
    """And the link is not used up by it."""
    link, olga = await role_link(members, OWNER), browsers.new(members)
    assert refused(await olga.uses(link, name="Ana"))
    assert (await olga.uses(link, name="Olga")).status_code == 303
    path = link_of(await olga.http.post("/invitations", data={"room": "tea", "uses": "1", "hours": "1"}))
    eve = browsers.new(members)
    assert "A moderator has this name" in (await eve.uses(path, name="Olga")).text
    assert refused(await eve.uses(path, name="Ana"))
    assert (await eve.uses(path, name="Eve")).status_code == 303


async def test_who_lost_the_answer_of_a_link_uses_it_again_under_the_same_name(
    members: Chat, browsers: Browsers
) -> None:
    """The first try has made them known; the second is theirs."""
    link, olga = await role_link(members, OWNER), browsers.new(members)
    page = await olga.opens(link)
    assert (await olga.presses(page, name="Olga")).status_code == 303
    olga.http.cookies.clear()
    assert (await olga.presses(page, name="Olga")).status_code == 303
    assert (await olga.who())["name"] == "Olga"


async def test_a_moderator_does_not_take_a_members_name(
    members: Chat, ana: Browser, browsers: Browsers
) -> None:
    olga = browsers.new(members)
    await olga.uses(await role_link(members, OWNER), name="Olga")
    assert refused(await sign_in(olga.http, name="Ana"))


async def test_who_signs_out_signs_in_again_under_their_name(members: Chat, ana: Browser) -> None:
    assert (await ana.http.post("/sign-out")).status_code == 303
    assert (await sign_in(ana.http, name="Ana", code=ACCESS_CODE)).status_code == 303


async def test_with_another_code_everybody_has_their_name_again(
    bundle: Path, members: Chat, ana: Browser, browsers: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chat starts anew on what was kept, with another code."""
    old = members.relay.manager
    async with Chat(Settings(port=0, client_bundle=bundle, secret_key=KEY, access_code="another")) as chat:
        for name in ("read", "change", "everywhere"):
            monkeypatch.setattr(chat.relay.manager.records, name, getattr(old.records, name))
        browser = browsers.new(chat)
        assert (await sign_in(browser.http, name="Ana", code="another")).status_code == 303


async def test_a_name_that_somebody_gave_up_is_free(members: Chat, ana: Browser, browsers: Browsers) -> None:
    assert (await sign_in(ana.http, name="Anastasia")).status_code == 303
    assert ana.tab is not None
    await ana.tab.disconnect()
    await ana.is_kept()
    eve = browsers.new(members)
    async with asyncio.timeout(PATIENCE):
        while (await sign_in(eve.http, name="Ana", code=ACCESS_CODE)).status_code != 303:
            await asyncio.sleep(0.05)
