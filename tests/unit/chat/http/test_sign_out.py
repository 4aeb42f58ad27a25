"""Signing out: the cookie ends, and all that was connected by it."""

import httpx
import pytest
from chat.domain.identity import Identity
from chat.domain.people import Person
from relay.memory.store import MemoryStore

from tests.support.waiting import soon
from tests.unit.visitors import connects, logins_on, sign_in
from tests.unit.wire import Chat


async def test_signing_out_ends_every_tab_and_the_cookie(chat: Chat, visitor: httpx.AsyncClient) -> None:
    """A copy of the cookie too; others stay."""
    await sign_in(visitor, name="Ana")
    cookie = visitor.cookies["tertulia"]
    tabs = [await connects(chat, visitor) for _ in range(3)]
    ana = await tabs[0].who()
    other = await chat.client("websocket")
    answer = await visitor.post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert "tertulia" not in visitor.cookies
    await soon(lambda: not any(tab.sio.connected for tab in tabs), what="all tabs are ended")
    assert other.sio.connected
    again = await chat.client("websocket", cookie=cookie)
    assert (await again.who())["id"] != ana["id"]
    await again.disconnect()
    await other.disconnect()


async def test_signing_out_works_however_many_did_at_the_address(
    chat: Chat, visitor: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cookies are free and a mark lasts a year, so only so many are marked. Whoever's is not is told so; the
    tabs are ended and the browser's cookie is gone all the same."""
    monkeypatch.setattr("chat.http.login_cookie.SIGN_OUTS", (0, 86_400))
    await sign_in(visitor, name="Ana")
    tab = await connects(chat, visitor)
    answer = await visitor.post("/sign-out")
    assert answer.status_code == 200
    assert "copy of your cookie" in answer.text
    assert "tertulia" not in visitor.cookies
    await soon(lambda: not tab.sio.connected, what="the tab is ended")


async def test_a_moderators_cookie_always_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody makes those at will, so no flood of others' keeps a copy of one alive."""
    monkeypatch.setattr("chat.http.login_cookie.SIGN_OUTS", (1, 86_400))
    logins = logins_on(MemoryStore(), "k" * 32, None, "order")
    guests = [Identity.of(Person.named("Eve")) for _ in range(3)]
    assert [await logins.end(each, "192.0.2.7") for each in guests] == [True, False, False]
    moderator = Identity.of(Person.named("Ana")).promoted()
    assert await logins.end(moderator, "192.0.2.7")
    assert await logins.is_ended(moderator)
