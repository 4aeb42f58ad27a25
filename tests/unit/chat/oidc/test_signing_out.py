"""Who signs out here signs out at the provider, and the other way round."""

import html
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from chat.http.oidc_logout import WRONG
from chat.oidc.sessions import MAX_TOKEN
from chat.people import provider_session

from tests.unit.chat.events.moderated import CODE as MODERATORS_CODE
from tests.unit.chat.oidc.conftest import ChatWith
from tests.unit.chat.oidc.providing import CLIENT, LOGOUT_EVENT, Newcomer, Newcomers, Provider
from tests.unit.visitors import sign_in
from tests.unit.wire import Chat


async def tells(chat: Chat, token: str, address: str = "192.0.2.10") -> httpx.Response:
    """The provider says that somebody signed out; it is no browser."""
    return await chat.http.post(
        "/oidc/logout", data={"logout_token": token}, headers={"X-Forwarded-For": address}
    )


async def is_out(who: Newcomer) -> None:
    """Disconnected, and by their cookie they are nobody any more."""
    await who.is_put_out()
    assert (await who.opens("/you")).headers["location"] == "/sign-in"


async def is_in(who: Newcomer) -> None:
    assert (await who.opens("/you")).status_code == 200
    assert who.tab is not None
    assert who.tab.sio.connected


async def test_who_signs_out_here_is_led_to_the_provider(newcomer: Newcomers, provider: Provider) -> None:
    who = newcomer()
    await who.comes_in("leaver-1", sid="s-1")
    answer = await who.http.post("/sign-out")
    assert answer.status_code == 200
    there = html.unescape(answer.text.partition("0; url=")[2].partition('"')[0])
    assert there.startswith(f"{provider.issuer}/leave?")
    asked = parse_qs(urlsplit(there).query)
    assert asked["post_logout_redirect_uri"] == [f"{who.chat.url}/sign-in"]
    assert asked["client_id"] == [CLIENT]
    assert asked["id_token_hint"][0].count(".") == 2
    await is_out(who)


async def test_nothing_is_kept_of_who_signed_out(newcomer: Newcomers) -> None:
    """The ID token has their claims."""
    who = newcomer()
    await who.comes_in("leaver-4", sid="s-4")
    id, records = await who.id(), who.chat.relay.manager.records
    assert (await records.read(provider_session.ask(id)))[0]
    await who.http.post("/sign-out")
    assert await records.read(provider_session.ask(id)) == [{}]


async def test_a_large_token_is_not_kept(newcomer: Newcomers) -> None:
    """Then the provider asks the person."""
    who = newcomer()
    await who.comes_in("leaver-2", groups=["x" * MAX_TOKEN])
    page = (await who.http.post("/sign-out")).text
    assert "client_id" in page
    assert "id_token_hint" not in page


async def test_who_came_otherwise_signs_out_here_alone(newcomer: Newcomers) -> None:
    who = newcomer()
    await sign_in(who.http, name="Otherwise")
    assert (await who.http.post("/sign-out")).headers["location"] == "/sign-in"


@pytest.mark.parametrize("away", [True, False])
async def test_where_the_provider_has_no_such_page_they_sign_out_here_alone(
    chat_with: ChatWith, newcomer: Newcomers, provider: Provider, monkeypatch: pytest.MonkeyPatch, away: bool
) -> None:
    """Or can't be asked where it is."""
    provider.metadata = {} if away else {"end_session_endpoint": None}
    who = newcomer(await chat_with())
    await who.comes_in("leaver-3")
    if away:
        monkeypatch.setattr("chat.oidc.cached.LASTS", 0)
        provider.fails.add("/.well-known/openid-configuration")
    assert (await who.http.post("/sign-out")).headers["location"] == "/sign-in"
    await is_out(who)


async def test_a_session_that_ends_there_ends_its_logins_here(
    chat: Chat, newcomer: Newcomers, provider: Provider
) -> None:
    """And no others, of the same person or not."""
    ana, phone, ben = newcomer(), newcomer(), newcomer()
    await ana.comes_in("ana-s1", sid="laptop")
    await phone.comes_in("ana-s1", sid="phone")
    await ben.comes_in("ben-s1", sid="laptop")
    answer = await tells(chat, provider.logout_token(sub="ana-s1", sid="laptop"))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    await is_out(ana)
    await is_in(phone)
    await is_in(ben)


async def test_a_login_of_no_session_ends_with_any(
    chat: Chat, newcomer: Newcomers, provider: Provider
) -> None:
    """The provider named none in the ID token, and it may be that one."""
    ana, phone = newcomer(), newcomer()
    await ana.comes_in("ana-s7")
    await phone.comes_in("ana-s7", sid="phone")
    assert (await tells(chat, provider.logout_token(sub="ana-s7", sid="laptop"))).status_code == 200
    await is_out(ana)
    await is_in(phone)


async def test_whoever_signs_out_everywhere_there_is_out_everywhere_here(
    chat: Chat, newcomer: Newcomers, provider: Provider
) -> None:
    """Also where they came by a link of their own."""
    ana, phone, tablet = newcomer(), newcomer(), newcomer()
    await ana.comes_in("ana-s2", sid="laptop")
    await phone.comes_in("ana-s2")
    await tablet.uses(await ana.makes_a_link())
    await tablet.is_kept()
    assert (await tells(chat, provider.logout_token(sub="ana-s2"))).status_code == 200
    for each in (ana, phone, tablet):
        await is_out(each)


async def test_a_session_is_known_without_its_person(
    chat: Chat, newcomer: Newcomers, provider: Provider
) -> None:
    ana = newcomer()
    await ana.comes_in("ana-s3", sid="alone")
    assert (await tells(chat, provider.logout_token(sid="unknown"))).status_code == 200
    await is_in(ana)
    assert (await tells(chat, provider.logout_token(sid="alone"))).status_code == 200
    await is_out(ana)


async def test_a_moderators_login_by_the_code_ends_with_it(
    chat_with: ChatWith, newcomer: Newcomers, provider: Provider
) -> None:
    """It has an id of its own since."""
    chat = await chat_with(admin_code=MODERATORS_CODE)
    mia = newcomer(chat)
    await mia.comes_in("mia-s4", name="Mia Sidwell", sid="s-4")
    await mia.becomes_a_moderator(MODERATORS_CODE)
    assert (await tells(chat, provider.logout_token(sub="mia-s4", sid="s-4"))).status_code == 200
    await is_out(mia)


async def test_who_signs_in_again_after_that_is_in(
    chat: Chat, newcomer: Newcomers, provider: Provider
) -> None:
    """The same token does not put them out once more."""
    ana, token = newcomer(), provider.logout_token(sub="ana-s5", sid="s-5")
    await ana.comes_in("ana-s5", sid="s-5")
    assert (await tells(chat, token)).status_code == 200
    await is_out(ana)
    ana.http.cookies.clear()
    await ana.comes_in("ana-s5", sid="s-5")
    assert (await tells(chat, token)).status_code == 400
    await is_in(ana)


OLD = int(time.time()) - 3600


WRONG_TOKENS: dict[str, dict[str, Any]] = {
    "with a nonce, so an ID token": {"nonce": "n"},
    "without an event": {"events": None},
    "of another event": {"events": {"https://other.example/event": {}}},
    "whose event is no object": {"events": dict.fromkeys(LOGOUT_EVENT, "yes")},
    "whose events are a list": {"events": list(LOGOUT_EVENT)},
    "for another client": {"aud": "another"},
    "of another issuer": {"iss": "https://evil.example"},
    "that is old": {"iat": OLD},
    "from no time": {"iat": None},
    "that is over": {"exp": OLD},
    "that is never over": {"exp": None},
    "without an id": {"jti": None},
    "whose id is a number": {"jti": 7},
    "about nobody": {"sub": None, "sid": None},
    "about a number": {"sub": 7},
    "of another type": {"typ": "at+jwt"},
}


async def test_a_logout_token_does_not_count(chat: Chat, newcomer: Newcomers, provider: Provider) -> None:
    """Each says what is wrong with it."""
    ana = newcomer()
    await ana.comes_in("ana-s6", sid="s-6")
    for what, claims in WRONG_TOKENS.items():
        answer = await tells(chat, provider.logout_token(**({"sub": "ana-s6", "sid": "s-6"} | claims)))
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), what
    await is_in(ana)
    assert (await tells(chat, provider.logout_token(sub="ana-s6", sid="s-6"))).status_code == 200


async def test_what_is_no_logout_token_is_refused(chat: Chat) -> None:
    for body in ({}, {"logout_token": "x"}, {"logout_token": "a.b.c"}, {"logout_token": "é"}):
        assert (await chat.http.post("/oidc/logout", data=body)).status_code == 400
    assert (await chat.http.post("/oidc/logout", json={"logout_token": "x"})).status_code == 400


async def test_wrong_tokens_are_counted_for_their_address(
    chat_with: ChatWith, newcomer: Newcomers, provider: Provider
) -> None:
    """Right ones are not, and the provider's own address goes on."""
    chat = await chat_with()
    for _ in range(WRONG + 1):
        assert (await tells(chat, provider.logout_token(sub="nobody"))).status_code == 200
    for status in (*[400] * WRONG, 429):
        answer = await tells(chat, "a.b.c", "192.0.2.66")
        assert answer.status_code == status
    assert int(answer.headers["retry-after"]) > 0
    assert (await tells(chat, provider.logout_token(sub="nobody"))).status_code == 200


async def test_a_token_that_can_not_be_checked_now_is_to_be_sent_again(
    chat_with: ChatWith, provider: Provider
) -> None:
    provider.fails.add("/keys")
    answer = await tells(await chat_with(), provider.logout_token(sub="nobody"))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
