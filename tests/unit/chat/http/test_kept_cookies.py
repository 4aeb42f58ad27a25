"""Cookies whose logins the server keeps: how they come to be, and when they end."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
from chat.events import connections
from chat.settings import Settings
from relay import Ask, Drop, LogUnavailable
from relay.memory.records import MemoryRecords
from relay.memory.store import MemoryStore

from tests.support.waiting import soon
from tests.unit.chat.http.cookies import KEY, as_of_0_1_0, content_of, next_second, signed_before
from tests.unit.visitors import browser, connects, sign_in
from tests.unit.wire import Chat


def of_days(days: int) -> dict[str, Any]:
    return {"id": "a3", "name": "Ana", "session": f"of {days}", "earlier": []}


async def kept(chat: Chat, person: str) -> list[str]:
    """The ids of the logins that are kept of a person."""
    (found,) = await chat.relay.manager.records.read(Ask(person, f"logins:{person}"))
    return list(found)


async def is_kept(chat: Chat, person: str, login: str) -> None:
    async with asyncio.timeout(10):
        while login not in await kept(chat, person):
            await asyncio.sleep(0.01)


async def page(chat: Chat, cookie: str) -> str:
    """The cookie that a browser has after it opened the page with this one."""
    answer = await chat.http.get("/", headers={"Cookie": f"tertulia={cookie}"})
    assert answer.status_code == 200
    return answer.cookies.get("tertulia") or cookie


async def who(chat: Chat, cookie: str) -> dict[str, str]:
    """Who the server says that somebody with this cookie is."""
    client = await chat.client("websocket", cookie=cookie)
    you = await client.who()
    await client.disconnect()
    return you


async def test_a_cookie_of_0_1_0_counts_and_its_login_is_kept(keyed: Chat) -> None:
    """Its person stays the same, and so does its login: tabs of another release are in it still."""
    old = as_of_0_1_0(id="a1", name="Ana", session="an-old-login", earlier=["an-older-one"])
    assert await page(keyed, old) == old, "nothing is kept of who was not here"
    assert (await who(keyed, old))["id"] == "a1"
    await is_kept(keyed, "a1", "an-old-login")
    new = await page(keyed, old)
    assert content_of(new) == {**content_of(old), "kept": 1}
    assert await page(keyed, new) == new, "it is given once"
    assert {(await who(keyed, cookie))["id"] for cookie in (old, new)} == {"a1"}


async def test_a_kept_login_that_was_ended_elsewhere_lets_nobody_in(keyed: Chat) -> None:
    """Whoever comes with its cookie is somebody else. To the sign-in they are somebody new."""
    old = as_of_0_1_0(id="a2", name="Ana", session="ended", earlier=[])
    await who(keyed, old)
    await is_kept(keyed, "a2", "ended")
    new = await page(keyed, old)
    await keyed.relay.manager.records.change("a2", Drop("logins:a2", "ended"))
    assert (await who(keyed, new))["id"] != "a2"
    form = await keyed.http.get("/sign-in", headers={"Cookie": f"tertulia={new}"})
    assert 'value="Ana"' not in form.text
    assert content_of(await page(keyed, new))["id"] != "a2"


async def test_a_page_keeps_nobody_out_who_came_back_after_everything_was_lost(
    keyed: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another device of theirs was noted first, and this one's cookie is given anew before it was."""
    old = signed_before(200, monkeypatch, id="a7", name="Ana", session="laptop", earlier=[], kept=1)
    await who(keyed, as_of_0_1_0(id="a7", name="Ana", session="phone", earlier=[]))
    await is_kept(keyed, "a7", "phone")
    new = await page(keyed, old)
    assert "kept" not in content_of(new)
    await next_second()
    assert (await who(keyed, new))["id"] == "a7"
    await is_kept(keyed, "a7", "laptop")
    assert content_of(await page(keyed, new))["kept"]


async def test_no_cookie_is_given_anew_while_nobody_knows_whether_it_counts(
    keyed: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One whose login has ended would count again later."""
    old = signed_before(200, monkeypatch, id="a8", name="Ana", session="laptop", earlier=[], kept=1)

    async def away(*_: Any) -> Any:
        raise LogUnavailable("away")

    monkeypatch.setattr(MemoryRecords, "read", away)
    assert await page(keyed, old) == old


async def test_signing_out_forgets_the_login(chat: Chat, visitor: httpx.AsyncClient) -> None:
    await sign_in(visitor, name="Ana")
    client = await connects(chat, visitor)
    ana = (await client.who())["id"]
    await soon(lambda: f"logins:{ana}" in chat.relay.manager.records._kept, what="the login is kept")
    await visitor.get("/")
    await visitor.post("/sign-out")
    assert await kept(chat, ana) == []
    await soon(lambda: not client.sio.connected, what="the tab is ended")
    assert await kept(chat, ana) == []


@pytest.mark.parametrize(("days", "renewed"), [(1, False), (182, False), (183, True), (364, True)])
async def test_whoever_comes_now_and_then_keeps_their_cookie(
    keyed: Chat, monkeypatch: pytest.MonkeyPatch, days: int, renewed: bool
) -> None:
    """A page gives one anew that is half as old as it may become."""
    old = signed_before(days, monkeypatch, **of_days(days))
    new = await page(keyed, old)
    assert (new != old) == renewed
    assert content_of(new) == content_of(old)


async def test_with_few_login_days_an_old_cookie_counts_no_more(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(port=0, client_bundle=bundle, secret_key=KEY, login_days=7)
    async with Chat(settings) as chat:
        for days, counts in ((6, True), (8, False)):
            assert (
                (await who(chat, signed_before(days, monkeypatch, **of_days(days))))["id"] == "a3"
            ) == counts


async def test_a_moderator_is_one_in_a_kept_login_too(moderated: Chat) -> None:
    """Who becomes one has another login, and is the same person."""
    async with browser(moderated) as visitor:
        await sign_in(visitor, name="Mia")
        mia = (await (await connects(moderated, visitor)).who())["id"]
        await visitor.post("/moderate", data={"code": "order, order"})
        for _ in range(2):
            client = await connects(moderated, visitor)
            assert await client.who() == {"id": mia, "name": "Mia", "moderator": True}
            await soon(
                lambda: len(moderated.relay.manager.records._kept[f"logins:{mia}"]) == 2, what="it is kept"
            )
            await client.disconnect()
            await visitor.get("/")
        person = json.loads(moderated.relay.manager.records._kept["people"][mia][0])
        assert person["role"] == "member"


async def test_a_connect_asks_for_its_login_as_often_as_before(
    keyed: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it is in its rooms, and after. When it comes again soon, nothing is written."""
    cookie = as_of_0_1_0(id="a5", name="Ana", session="twice", earlier=[])
    await (await keyed.client("websocket", cookie=cookie)).disconnect()
    await is_kept(keyed, "a5", "twice")
    asked: Counter[str] = Counter()

    def counted(of: Any, method: str) -> Any:
        works = getattr(of, method)

        async def call(*arguments: Any, **options: Any) -> Any:
            asked[method] += 1
            return await works(*arguments, **options)

        return call

    for of, method in ((MemoryRecords, "read"), (MemoryRecords, "change"), (MemoryStore, "marked")):
        monkeypatch.setattr(of, method, counted(of, method))
    client = await keyed.client("websocket", cookie=cookie)
    await client.disconnect()
    assert asked == {"read": 1, "marked": 2}


async def test_who_stays_for_long_is_seen_again(keyed: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """A login does not end while somebody is there by it."""
    client = await keyed.client("websocket", cookie=as_of_0_1_0(id="a6", name="Ana", session="s", earlier=[]))
    await is_kept(keyed, "a6", "s")
    record = keyed.relay.manager.records._kept["logins:a6"]
    before = json.loads(record["s"][0])["seen"]
    monkeypatch.setattr(connections, "NOTED_EVERY", 0.0)
    monkeypatch.setattr(connections, "LOOKED_EVERY", 0.01)
    running = asyncio.create_task(keyed.connections.run())
    records = keyed.relay.manager.records._kept
    await soon(lambda: json.loads(records["logins:a6"]["s"][0])["seen"] > before, what="it is noted again")
    running.cancel()
    await client.disconnect()
