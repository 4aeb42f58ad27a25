"""People come in by the provider."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest
from chat.http.oidc_attempt import LASTS
from chat.oidc.provider import DISCOVERY
from chat.people import person_record
from chat.people.known_names import NAMES, Claim, looks_of
from chat.people.person_record import PersonRecord
from itsdangerous import TimestampSigner

from tests.support.waiting import PATIENCE
from tests.unit.chat.oidc.conftest import ChatWith
from tests.unit.chat.oidc.providing import Newcomer, Newcomers, Provider
from tests.unit.visitors import sign_in
from tests.unit.wire import Chat, Log


async def named(who: Newcomer, name: str) -> None:
    """They have this name, and the server keeps that it is theirs."""
    id, records = await who.id(), who.chat.relay.manager.records
    assert (await who.who())["name"] == name

    async def theirs() -> bool:
        record = PersonRecord.read((await records.read(person_record.ask(id)))[0].get(id))
        claims = (await records.everywhere(NAMES)).items()
        looks = {look for look, data in claims if Claim.read(data).person == id}
        return record is not None and record.name == name and not looks.isdisjoint(looks_of(name))

    async with asyncio.timeout(PATIENCE):
        while not await theirs():
            await asyncio.sleep(0.05)


async def test_the_same_person_comes_in_in_each_browser(newcomer: Newcomers) -> None:
    laptop, phone, other = newcomer(), newcomer(), newcomer()
    await laptop.comes_in("anna-1", name="Anna Quill")
    await phone.comes_in("anna-1", name="Anna Quill")
    await other.comes_in("anna-2", name="Anna Quill")
    assert await laptop.who() == {**await phone.who(), "name": "Anna Quill"}
    assert await other.id() != await laptop.id()


async def test_they_go_on_to_the_room_that_they_wanted(newcomer: Newcomers, provider: Provider) -> None:
    """And nowhere else."""
    for wanted, reached in (("/rooms/tea", "/rooms/tea"), ("https://evil.example/", "/"), ("//evil", "/")):
        who = newcomer()
        back = provider.signs_in(await who.sets_out(f"/oidc?next={wanted}"), "anna-1")
        assert (await who.http.get(back)).headers["location"] == reached


async def test_what_goes_over_the_wire_is_bound_to_the_browser(newcomer: Newcomers) -> None:
    """The cookie is no script's, and of ten minutes; nothing that the provider is sent is in it."""
    who = newcomer()
    answer = await who.http.get("/oidc")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("tertulia-oidc=")
    for word in ("HttpOnly", "SameSite=lax", f"Max-Age={LASTS}", "Path=/"):
        assert word in cookie
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert len({asked[name][0] for name in ("state", "nonce", "code_challenge")}) == 3
    assert all(asked[name][0] not in cookie for name in ("state", "nonce", "code_challenge"))
    assert asked["redirect_uri"] == [f"{who.chat.url}/oidc/callback"]


async def test_behind_a_proxy_with_tls_the_address_and_the_cookie_are_those_of_tls(
    newcomer: Newcomers,
) -> None:
    who = newcomer()
    headers = {"X-Forwarded-Proto": "https", "Host": "chat.example"}
    answer = await who.http.get("/oidc", headers=headers)
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["redirect_uri"] == ["https://chat.example/oidc/callback"]
    assert answer.headers["set-cookie"].startswith("__Host-tertulia-oidc=")
    assert "Secure" in answer.headers["set-cookie"]


async def test_a_browser_that_is_somebody_else_is_asked_before(chat: Chat, newcomer: Newcomers) -> None:
    """And whoever was there is signed out."""
    who = newcomer()
    await sign_in(who.http, name="Walk-in Wanda")
    await who.is_kept()
    before, tab = who.http.cookies["tertulia"], who.tab
    page = await who.opens("/oidc?next=/rooms/tea")
    assert "In this browser you are Walk-in Wanda now." in page.text
    onward = await who.presses(page)
    there = onward.text.partition("0; url=")[2].partition('"')[0].replace("&amp;", "&")
    answer = await who.opens(who.provider.signs_in(there, "wanda-1", name="Wanda"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/rooms/tea")
    assert (await who.who())["name"] == "Wanda"
    who.tab = tab
    await who.is_put_out()
    copied = await chat.client("websocket", cookie=before)
    assert (await copied.who())["name"] != "Walk-in Wanda"


async def test_who_became_somebody_else_meanwhile_is_asked_then(newcomer: Newcomers) -> None:
    who = newcomer()
    back = who.provider.signs_in(await who.sets_out(), "late-1", name="Late")
    await sign_in(who.http, name="In Another Tab")
    answer = await who.opens(back)
    assert answer.headers["location"] == "/oidc?next=/"
    assert (await who.who())["name"] == "In Another Tab"


async def test_a_page_from_before_replaces_nobody(newcomer: Newcomers) -> None:
    """It named another, so it asks once more."""
    who = newcomer()
    await sign_in(who.http, name="Named On The Page")
    page = await who.opens("/oidc?next=/rooms/tea")
    await who.http.post("/sign-out")
    await sign_in(who.http, name="Named Nowhere")
    answer = await who.presses(page)
    assert (answer.status_code, answer.headers["location"]) == (303, "/oidc?next=/rooms/tea")


async def test_a_page_of_another_site_replaces_nobody(newcomer: Newcomers) -> None:
    who = newcomer()
    await sign_in(who.http, name="Stays")
    page = await who.opens("/oidc")
    assert page.status_code == 200
    who.http.headers["Origin"] = "https://evil.example"
    assert (await who.presses(page)).status_code == 403


async def test_the_name_is_the_providers(newcomer: Newcomers) -> None:
    """Without one they have a made-up one."""
    who, nameless = newcomer(), newcomer()
    await who.comes_in("named-1", name="Ada Lovelace", preferred_username="ada")
    await nameless.comes_in("nameless-1", name="\u200b")
    assert (await who.who())["name"] == "Ada Lovelace"
    assert (await nameless.who())["name"]


async def test_a_name_that_they_changed_here_is_kept(newcomer: Newcomers) -> None:
    laptop, phone = newcomer(), newcomer()
    await laptop.comes_in("rex-1", name="Rex")
    await sign_in(laptop.http, name="T. Rex")
    await named(laptop, "T. Rex")
    await phone.comes_in("rex-1", name="Rex the Second")
    assert (await phone.who())["name"] == "T. Rex"


async def test_two_of_one_name_are_told_apart(newcomer: Newcomers) -> None:
    """Each keeps theirs, in each browser."""
    first, second, phone = newcomer(), newcomer(), newcomer()
    await first.comes_in("twin-1", name="Tessa Twin")
    await named(first, "Tessa Twin")
    for each in (second, phone):
        await each.comes_in("twin-2", name="Tessa Twin")
        await named(each, "Tessa Twin 2")


async def test_a_name_that_was_taken_meanwhile_is_not_theirs_any_more(newcomer: Newcomers) -> None:
    """They had signed out everywhere, and somebody else took it."""
    first, second = newcomer(), newcomer()
    await first.comes_in("gone-1", name="Greta Gone")
    await first.http.post("/sign-out")
    await second.comes_in("gone-2", name="Greta Gone")
    await named(second, "Greta Gone")
    await first.comes_in("gone-1", name="Greta Gone")
    await named(first, "Greta Gone 2")


async def test_a_moderators_name_keeps_nobody_out(chat_with: ChatWith, newcomer: Newcomers) -> None:
    chat = await chat_with(oidc_moderators=("order",))
    mia, other = newcomer(chat), newcomer(chat)
    await mia.comes_in("mia-1", name="Mia Orderly", groups=["order"])
    await other.comes_in("mia-2", name="Mia Orderly")
    assert (await other.who())["name"] == "Mia Orderly 2"


async def test_without_guests_the_button_is_what_the_page_shows(chat_with: ChatWith) -> None:
    chat = await chat_with(guests=False)
    page = await chat.http.get("/sign-in?next=/rooms/tea")
    assert '<a class="main" href="/oidc?next=/rooms/tea">Sign in with Example</a>' in page.text
    assert "<form" not in page.text
    assert (await chat.http.get("/")).headers["location"] == "/sign-in?next=/"


async def test_with_guests_it_stands_above_the_form(chat: Chat) -> None:
    page = (await chat.http.get("/sign-in")).text
    assert 0 < page.index("Sign in with Example") < page.index("<form")


async def test_a_chat_without_a_provider_has_no_such_address(chat_with: ChatWith) -> None:
    chat = await chat_with(oidc_issuer=None)
    for path in ("/oidc", "/oidc/callback"):
        assert (await chat.http.get(path)).status_code == 404
    assert "oidc" not in (await chat.http.get("/sign-in")).text


async def test_who_came_too_late_begins_again(newcomer: Newcomers, monkeypatch: pytest.MonkeyPatch) -> None:
    who = newcomer()
    now = TimestampSigner(b"").get_timestamp()
    with monkeypatch.context() as patch:
        patch.setattr(TimestampSigner, "get_timestamp", lambda signer: now - LASTS - 1)
        back = who.provider.signs_in(await who.sets_out(), "late-2")
    answer = await who.opens(back)
    assert (answer.status_code, "it took longer than ten minutes" in answer.text) == (400, True)
    assert "/oidc?next=/" in answer.text
    assert "tertulia" not in who.http.cookies


async def test_who_says_no_there_is_told_so(newcomer: Newcomers) -> None:
    who = newcomer()
    asked = parse_qs(urlsplit(await who.sets_out("/oidc?next=/rooms/tea")).query)
    where = f"/oidc/callback?state={asked['state'][0]}&error="
    answer = await who.opens(where + "access_denied")
    assert (answer.status_code, "Example did not sign you in" in answer.text) == (403, True)
    assert 'href="/oidc?next=/rooms/tea"' in answer.text


async def test_a_provider_with_trouble_of_its_own_is_away(newcomer: Newcomers) -> None:
    who = newcomer()
    asked = parse_qs(urlsplit(await who.sets_out()).query)
    answer = await who.opens(f"/oidc/callback?state={asked['state'][0]}&error=server_error")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


@pytest.mark.parametrize(
    ("trouble", "path"),
    [*(("fails", path) for path in (DISCOVERY, "/keys", "/token", "/info")), ("large", DISCOVERY)],
)
async def test_a_provider_that_is_away_is_tried_again(
    chat_with: ChatWith, newcomer: Newcomers, provider: Provider, path: str, trouble: str
) -> None:
    """Or answers too much; the page has a way to begin again."""
    who = newcomer(await chat_with())
    getattr(provider, trouble).add(path)
    answer = await who.http.get("/oidc")
    if answer.status_code == 303:
        answer = await who.opens(provider.signs_in(answer.headers["location"], "anna-1"))
    assert answer.status_code == 503
    assert "Example, which can&#39;t be reached" in answer.text
    assert 'href="/oidc?next=/"' in answer.text
    assert "tertulia" not in who.http.cookies


async def test_a_provider_that_does_not_answer_is_waited_for_so_long(
    chat_with: ChatWith, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.oidc.bounded.PATIENCE", 0.2)
    provider.hangs = True
    answer = await (await chat_with()).http.get("/oidc")
    assert answer.status_code == 503


async def test_its_documents_are_asked_for_once(
    chat_with: ChatWith, newcomer: Newcomers, provider: Provider
) -> None:
    chat = await chat_with()
    for number in range(3):
        await newcomer(chat).comes(f"many-{number}")
    assert [provider.asked.count(path) for path in (DISCOVERY, "/keys")] == [1, 1]


async def test_they_are_asked_for_again_after_an_hour(
    chat_with: ChatWith, newcomer: Newcomers, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = await chat_with()
    await newcomer(chat).comes("hourly-1")
    monkeypatch.setattr("chat.oidc.cached.LASTS", 0)
    await newcomer(chat).comes("hourly-2")
    assert provider.asked.count("/keys") == 2


async def test_a_provider_that_is_away_is_not_asked_by_everybody(
    chat_with: ChatWith, provider: Provider
) -> None:
    """Who comes within two seconds is told at once."""
    provider.fails.add(DISCOVERY)
    chat = await chat_with()
    answers = await asyncio.gather(*(chat.http.get("/oidc") for _ in range(5)))
    assert [answer.status_code for answer in answers] == [503] * 5
    assert provider.asked == [DISCOVERY]


async def test_no_secret_of_a_sign_in_is_logged(newcomer: Newcomers, provider: Provider, log: Log) -> None:
    who = newcomer()
    back = provider.signs_in(await who.sets_out(), "quiet-1", name="Quiet Quentin", email="q@example.org")
    await who.opens(back)
    code = parse_qs(urlsplit(back).query)["code"][0]
    assert [line for line in log.lines if code in line or "Quentin" in line or "q@example" in line] == []
