"""Signing in over HTTP: the name, the form, and what is refused."""

import httpx
import pytest

from tests.unit.visitors import browser, connects, sign_in
from tests.unit.wire import Chat


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
    assert (await chat.http.post("/sign-in", data={"name": "Nestor of No Origin"})).status_code == 303


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
