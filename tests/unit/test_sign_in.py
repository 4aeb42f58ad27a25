"""Signing in and out over HTTP: the cookie, the code, and what is refused."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from chat.access import BY_ADDRESS, IN_ALL, Access
from chat.refusals import Refused
from chat.settings import Settings
from relay.memory_store import MemoryStore

from tests.support.waiting import soon
from tests.unit.wire import Chat, Client

KEY = "0123456789abcdef" * 2
CODE = "open sésame"


@pytest.fixture
async def closed(bundle: Path) -> AsyncIterator[Chat]:
    """A chat with an access code."""
    async with Chat(Settings(port=0, client_bundle=bundle, access_code=CODE, secret_key=KEY)) as chat:
        yield chat


@pytest.fixture
async def visitor(chat: Chat) -> AsyncIterator[httpx.AsyncClient]:
    """A browser: it keeps cookies, and names the page's origin when it posts."""
    async with browser(chat) as visitor:
        yield visitor


def browser(chat: Chat, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=chat.url, headers={"Origin": chat.url, **headers})


async def sign_in(visitor: httpx.AsyncClient, **fields: str) -> httpx.Response:
    return await visitor.post("/sign-in", data=fields)


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
    ("name", "said"), [("", "Please give a name."), ("x" * 41, "the most is 40"), ("A\u202ena", "U+202E")]
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


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:1"])
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
async def test_a_form_on_another_sites_page_is_refused(chat: Chat, origin: str, path: str) -> None:
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
    await soon(lambda: not any(tab.sio.connected for tab in tabs), within=3, what="all tabs are ended")
    assert other.sio.connected
    again = await chat.client("websocket", cookie=cookie)
    assert (await again.who())["id"] != ana["id"]
    await again.disconnect()
    await other.disconnect()


async def test_with_a_code_the_page_asks_for_it_once(closed: Chat) -> None:
    async with browser(closed) as visitor:
        turned = await visitor.get("/rooms/tea")
        assert (turned.status_code, turned.headers["location"]) == (303, "/sign-in?next=/rooms/tea")
        assert "set-cookie" not in turned.headers
        assert 'name="code"' in (await visitor.get(turned.headers["location"])).text
        for code, said in (("", "needs an access code"), ("wrong", "not the access code")):
            answer = await sign_in(visitor, name="Ana", code=code)
            assert answer.status_code == 403
            assert said in answer.text
        answer = await sign_in(visitor, name="Ana", code=" open se\u0301same ", next="/rooms/tea")
        assert (answer.status_code, answer.headers["location"]) == (303, "/rooms/tea")
        assert (await visitor.get("/rooms/tea")).status_code == 200
        assert 'name="code"' not in (await visitor.get("/sign-in")).text
        assert (await sign_in(visitor, name="Anna")).status_code == 303
        client = await connects(closed, visitor)
        assert (await client.who())["name"] == "Anna"
        await client.disconnect()


@pytest.mark.parametrize(
    ("auth", "error"),
    [
        (None, "code_needed"),
        ({}, "code_needed"),
        ({"name": "Bot"}, "code_needed"),
        ({"code": "wrong"}, "wrong_code"),
        ({"code": "half \ud83d"}, "wrong_code"),
        ({"code": 7}, "code_needed"),
        ("open sésame", "invalid"),
        ({"name": "x" * 41, "code": CODE}, "too_long"),
        ({"name": 7, "code": CODE}, "invalid"),
    ],
)
async def test_with_a_code_a_program_without_it_is_told_so(closed: Chat, auth: object, error: str) -> None:
    client = Client(["websocket"])
    with pytest.raises(Exception, match=r"refused|failed"):
        await client.connect(closed.url, auth=auth)
    assert client.refusal["data"]["error"] == error
    assert client.refusal["message"] == client.refusal["data"]["detail"]


async def test_with_a_code_a_program_comes_in_under_its_name(closed: Chat) -> None:
    client = await closed.client("websocket", auth={"name": "Bot", "code": CODE})
    assert (await client.who())["name"] == "Bot"
    assert (await client.say("hello"))["ok"]
    await client.disconnect()


async def test_a_new_code_ends_the_cookies_of_the_old(closed: Chat, bundle: Path) -> None:
    """And those from when there was none."""
    async with browser(closed) as visitor:
        await sign_in(visitor, name="Ana", code=CODE)
        cookie = visitor.cookies["tertulia"]
    for code in ("another", None):
        settings = Settings(port=0, client_bundle=bundle, access_code=code, secret_key=KEY)
        async with Chat(settings) as chat, browser(chat) as visitor:
            headers = {"Cookie": f"tertulia={cookie}"}
            assert "set-cookie" in (await visitor.get("/", headers=headers)).headers or code
            assert (await visitor.get("/", headers=headers)).status_code == (303 if code else 200)


async def test_a_given_key_keeps_people_over_a_restart(closed: Chat, bundle: Path) -> None:
    async with browser(closed) as visitor:
        await sign_in(visitor, name="Ana", code=CODE)
        cookie = visitor.cookies["tertulia"]
    async with Chat(Settings(port=0, client_bundle=bundle, access_code=CODE, secret_key=KEY)) as chat:
        client = await chat.client("websocket", cookie=cookie)
        assert (await client.who())["name"] == "Ana"
        await client.disconnect()


async def test_guessing_ends_soon(closed: Chat) -> None:
    """By form and by socket together; then the right code does not help either, and who is in stays in."""
    async with browser(closed) as inside, browser(closed) as guesser:
        await sign_in(inside, name="Ana", code=CODE)
        for number in range(BY_ADDRESS):
            if number % 2:
                assert (await sign_in(guesser, name="Eve", code=f"{number}")).status_code == 403
            else:
                client = Client(["websocket"])
                with pytest.raises(Exception, match=r"refused|failed"):
                    await client.connect(closed.url, auth={"code": f"{number}"})
        answer = await sign_in(guesser, name="Eve", code=CODE)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= 600
        assert "Try again in 10 minutes" in answer.text
        with pytest.raises(Exception, match=r"refused|failed"):
            await client.connect(closed.url, auth={"code": CODE})
        assert client.refusal["data"]["error"] == "rate_limited"
        assert client.refusal["data"]["retry_after"] > 0
        assert (await inside.get("/")).status_code == 200


async def test_guessing_from_all_addresses_of_one_network_ends_as_soon(bundle: Path) -> None:
    """Whoever has one address of IPv6 has the whole /64."""
    settings = Settings(port=0, client_bundle=bundle, access_code=CODE, trusted_proxies=("127.0.0.1",))
    async with Chat(settings) as chat:
        for number in range(BY_ADDRESS + 1):
            headers = {"X-Forwarded-For": f"2001:db8::{number:x}"}
            last = await chat.http.post("/sign-in", data={"name": "Eve", "code": "no"}, headers=headers)
    assert last.status_code == 429


async def test_right_codes_are_no_attempts() -> None:
    access = Access(MemoryStore(), CODE)
    for _ in range(BY_ADDRESS * 3):
        await access.check(CODE, "10.0.0.1")


async def test_guessing_from_many_addresses_ends_too() -> None:
    access = Access(MemoryStore(), CODE)
    for number in range(IN_ALL):
        with pytest.raises(Refused, match="not the access code"):
            await access.check("wrong", f"10.0.0.{number}")
    with pytest.raises(Refused, match="Too many"):
        await access.check(CODE, "10.1.0.1")
