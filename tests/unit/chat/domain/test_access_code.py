"""The access code over HTTP and Socket.IO: asked once, and guessed at in vain."""

from pathlib import Path

import pytest
from chat.settings import Settings

from tests.unit.chat.domain.closed import CODE, KEY
from tests.unit.visitors import browser, connects, sign_in
from tests.unit.wire import Chat, Client


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
