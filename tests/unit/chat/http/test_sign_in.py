"""Signing in and out over HTTP: the name, the cookie, and what is refused."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from chat.domain.identity import Identity
from chat.domain.people import Person
from chat.http.login_cookie import AHEAD, LASTS, Logins
from chat.settings import Settings
from itsdangerous import TimestampSigner
from relay.memory.store import MemoryStore
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from tests.support.waiting import soon
from tests.unit.visitors import browser, sign_in
from tests.unit.wire import Chat, Client

REQUEST = Request({"type": "http", "scheme": "http", "headers": [], "server": ("test", 80), "path": "/"})


@pytest.fixture
async def visitor(chat: Chat) -> AsyncIterator[httpx.AsyncClient]:
    """A browser: it keeps cookies, and names the page's origin when it posts."""
    async with browser(chat) as visitor:
        yield visitor


async def connects(chat: Chat, visitor: httpx.AsyncClient) -> Client:
    return await chat.client("websocket", cookie=visitor.cookies["tertulia"])


async def test_a_visitor_becomes_a_guest_and_stays_the_same_one(
    chat: Chat, visitor: httpx.AsyncClient
) -> None:
    """Over reloads and reconnects, by a cookie that no script can read."""
    page = await visitor.get("/")
    cookie = page.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert "set-cookie" not in (await visitor.get("/rooms/tea")).headers
    people = []
    for _ in range(2):
        client = await connects(chat, visitor)
        people.append(await client.who())
        await client.disconnect()
    assert people[0] == people[1]


async def test_without_a_cookie_each_connection_is_a_guest_of_its_own(chat: Chat) -> None:
    one, other = await chat.client(), await chat.client()
    assert (await one.who())["id"] != (await other.who())["id"]
    await one.disconnect()
    await other.disconnect()


async def test_a_name_takes_one_field(chat: Chat, visitor: httpx.AsyncClient) -> None:
    """Then it goes on to where the visitor wanted to, and speaks under that name."""
    assert 'name="name"' in (await visitor.get("/sign-in?next=/rooms/tea")).text
    answer = await sign_in(visitor, name="  Ana ", next="/rooms/tea")
    assert (answer.status_code, answer.headers["location"]) == (303, "/rooms/tea")
    client = await connects(chat, visitor)
    await client.say("hello")
    await client.hears("hello")
    assert client.heard[0][1]["author"] == await client.who()
    assert (await client.who())["name"] == "Ana"
    await client.disconnect()


async def test_a_guest_who_takes_a_name_stays_the_same_person(chat: Chat, visitor: httpx.AsyncClient) -> None:
    await visitor.get("/")
    before = await connects(chat, visitor)
    await sign_in(visitor, name="Ana")
    after = await connects(chat, visitor)
    assert (await before.who())["id"] == (await after.who())["id"]
    assert (await after.who())["name"] == "Ana"
    await before.disconnect()
    await after.disconnect()


async def test_two_of_one_name_are_told_apart(chat: Chat) -> None:
    people = []
    for _ in range(2):
        async with browser(chat) as visitor:
            await sign_in(visitor, name="Ana")
            client = await connects(chat, visitor)
            people.append(await client.who())
            await client.disconnect()
    assert people[0]["name"] == people[1]["name"]
    assert people[0]["id"] != people[1]["id"]


@pytest.mark.parametrize(
    ("name", "said"), [("", "Please give a name."), ("x" * 41, "41 of at most 40"), ("A\u202ena", "U+202E")]
)
async def test_a_name_that_cannot_be_is_asked_for_again(
    visitor: httpx.AsyncClient, name: str, said: str
) -> None:
    """With what was typed, and what is wrong with it."""
    answer = await sign_in(visitor, name=name, next="/rooms/tea")
    assert answer.status_code == 400
    assert said in answer.text
    assert 'value="/rooms/tea"' in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "next",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/rooms/../x",
        "/%2F/x",
        "/rooms/A",
        "x",
        "/\n",
    ],
)
async def test_nobody_is_sent_on_to_another_site(visitor: httpx.AsyncClient, next: str) -> None:
    assert (await sign_in(visitor, name="Ana", next=next)).headers["location"] == "/"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1", "{other}"])
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
async def test_a_form_on_another_sites_page_is_refused(chat: Chat, origin: str, path: str) -> None:
    origin = origin.format(other=chat.url.replace("http", "https"))
    answer = await chat.http.post(path, data={"name": "Eve"}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_a_program_needs_no_origin(chat: Chat) -> None:
    assert (await chat.http.post("/sign-in", data={"name": "Bot"})).status_code == 303
    chat.http.cookies.clear()


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{}", "application/json", 415),
        (b"name=" + b"x" * 9000, "application/x-www-form-urlencoded", 413),
        (b"name=%FF", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"name=x" for _ in range(50)), "application/x-www-form-urlencoded", 400),
        (b"", "application/x-www-form-urlencoded", 400),
    ],
)
async def test_what_is_no_form_is_refused(chat: Chat, content: bytes, kind: str, status: int) -> None:
    answer = await chat.http.post("/sign-in", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status


async def test_the_cookie_is_secure_behind_tls(bundle: Path) -> None:
    """As the trusted proxy says."""
    settings = Settings(port=0, client_bundle=bundle, trusted_proxies=("127.0.0.1",))
    async with Chat(settings) as chat:
        page = await chat.http.get("/", headers={"X-Forwarded-Proto": "https"})
        assert "Secure" in page.headers["set-cookie"].split("; ")
        assert page.headers["strict-transport-security"] == "max-age=31536000"
        assert "strict-transport-security" not in (await chat.http.get("/")).headers


async def test_a_forged_or_foreign_cookie_makes_nobody(chat: Chat, visitor: httpx.AsyncClient) -> None:
    """Somebody new, and not who it says."""
    await sign_in(visitor, name="Ana")
    cookie = visitor.cookies["tertulia"]
    client = await connects(chat, visitor)
    ana = await client.who()
    await client.disconnect()
    body, rest = cookie.split(".", 1)
    # Not the last character, of whose bits base64 ignores some.
    changed = cookie[:-10] + ("A" if cookie[-10] != "A" else "B") + cookie[-9:]
    for forged in (changed, "x" + cookie, body, f"{body}x.{rest}", "", "a.b.c"):
        client = await chat.client("websocket", cookie=forged)
        assert (await client.who())["id"] != ana["id"]
        await client.disconnect()


@pytest.mark.parametrize(
    ("ahead", "counts"),
    [
        (1, True),
        (3600, True),
        (AHEAD - 60, True),
        (AHEAD + 60, False),
        (60 - LASTS, True),
        (-60 - LASTS, False),
    ],
)
async def test_a_cookie_counts_although_the_clock_was_set_back(
    monkeypatch: pytest.MonkeyPatch, ahead: int, counts: bool
) -> None:
    """Or another worker's, that gave it, is ahead; up to a day."""
    logins, response = Logins(MemoryStore(), "k" * 32, None), Response()
    ana = Identity.of(Person.named("Ana"))
    with monkeypatch.context() as patch:
        patch.setattr(TimestampSigner, "get_timestamp", lambda signer: int(time.time()) + ahead)
        await logins.give(REQUEST, response, ana)
    assert await logins.read(sending(response)) == (ana if counts else None)


def sending(response: Response, scheme: str = "http", prefix: str = "") -> Scope:
    """A request with the cookie that this answer gave."""
    cookie = prefix + response.headers["set-cookie"].split(";")[0]
    return {**REQUEST.scope, "scheme": scheme, "headers": [(b"cookie", cookie.encode("latin-1"))]}


@pytest.mark.parametrize("scheme", ["https", "wss"])
async def test_over_tls_only_a_cookie_that_the_host_itself_gave_over_tls_counts(scheme: str) -> None:
    """One that was planted by whoever is on the line, or by another host of the domain, makes nobody."""
    logins, planted, given = Logins(MemoryStore(), "k" * 32, None), Response(), Response()
    eve, ana = Identity.of(Person.named("Eve")), Identity.of(Person.named("Ana"))
    await logins.give(REQUEST, planted, eve)
    await logins.give(Request({**REQUEST.scope, "scheme": scheme}), given, ana)
    attributes = given.headers["set-cookie"].split("; ")
    assert attributes[0].startswith("__Host-tertulia=")
    assert {"Secure", "Path=/", "HttpOnly"} <= set(attributes)
    assert not any(each.startswith("Domain") for each in attributes)
    assert await logins.read(sending(planted)) == eve
    assert await logins.read(sending(planted, scheme)) is None
    for prefix in ("\xa0__Host-", "\x85__Host-", "=__Host-", "__host-", "x=y,__Host-"):
        assert await logins.read(sending(planted, scheme, prefix)) is None
    assert await logins.read(sending(given, scheme)) == ana
    first = planted.headers["set-cookie"].split(";")[0]
    assert await logins.read(sending(given, scheme, f"{first}; ")) == ana
    assert await logins.read(sending(given, "http")) == ana, "where the proxy said nothing of a WebSocket"


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
    logins = Logins(MemoryStore(), "k" * 32, None, "order")
    guests = [Identity.of(Person.named("Eve")) for _ in range(3)]
    assert [await logins.end(each, "192.0.2.7") for each in guests] == [True, False, False]
    moderator = Identity.of(Person.named("Ana")).promoted()
    assert await logins.end(moderator, "192.0.2.7")
    assert await logins.is_ended(moderator)
