"""State that can't leave its process, as docs/reusing-relay.md has it: a cookie brings a browser back to the
worker that has its state."""

import json
import re
from hashlib import md5
from typing import Any

import httpx
import pytest

from tests.stack.relay.real_nginx import DOCUMENT, POLLING, nginx
from tests.stack.relay.two_workers import two_workers
from tests.stack.relay.worker import RedisUnderTest
from tests.support.application import Visitor
from tests.support.waiting import PATIENCE

[CODE] = re.findall(
    r"^```python\n(from relay import route_of\n.*?)^app = Home", DOCUMENT, re.MULTILINE | re.DOTALL
)


def home(app: Any) -> Any:
    """An application in the document's own class."""
    names: dict[str, Any] = {}
    exec(CODE, names)
    return names["Home"](app)


def route(url: str) -> str:
    return md5(url.removeprefix("http://").encode()).hexdigest()


async def begins(browser: httpx.AsyncClient) -> str:
    """Begin a session; its id."""
    return str(json.loads((await browser.get(POLLING)).text[1:])["sid"])


async def test_all_that_a_browser_asks_is_at_one_worker(redis: RedisUnderTest) -> None:
    """Pages, and each session that it begins; browsers are dealt out."""
    async with two_workers(redis, home) as urls, nginx([url[7:] for url in urls], at_home=True) as url:
        homes = []
        for _ in range(6):
            async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as browser:
                first = await browser.get("/")
                assert "HttpOnly" in first.headers["set-cookie"]
                homes.append(browser.cookies["home"])
                for _ in range(3):
                    assert (await begins(browser))[:32] == homes[-1]
                    assert "set-cookie" not in (await browser.get("/")).headers
        assert {*homes} == {route(url) for url in urls}


async def test_a_session_stays_at_its_worker_whatever_the_cookie_says(redis: RedisUnderTest) -> None:
    async with two_workers(redis, home) as urls, nginx([url[7:] for url in urls], at_home=True) as url:
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as browser:
            sid = await begins(browser)
        (other,) = {route(url) for url in urls} - {sid[:32]}
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE, cookies={"home": other}) as browser:
            assert (await browser.post(f"{POLLING}&sid={sid}", content="40")).status_code == 200
            assert (await browser.get(f"{POLLING}&sid={sid}")).status_code == 200


async def test_whoever_has_no_cookie_asks_by_the_route_in_a_sid(redis: RedisUnderTest) -> None:
    """The worker that answers is told by the cookie that it writes."""
    async with two_workers(redis, home) as urls, nginx([url[7:] for url in urls], at_home=True) as url:
        for wanted in (route(url) for url in urls):
            for _ in range(3):
                async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as browser:
                    await browser.get(f"/?sid={wanted}")
                    assert browser.cookies["home"] == wanted


@pytest.mark.parametrize("transports", [("polling",), ("websocket",), ("polling", "websocket")])
async def test_pythons_client_comes_back_to_its_worker(
    redis: RedisUnderTest, transports: tuple[str, ...]
) -> None:
    async with two_workers(redis, home) as urls, nginx([url[7:] for url in urls], at_home=True) as url:
        for wanted in [route(url) for url in urls] * 2:
            visitor = Visitor(*transports)
            await visitor.sio.connect(
                url, {"Cookie": f"home={wanted}"}, transports=[*transports], wait_timeout=PATIENCE
            )
            assert visitor.sio.eio.sid[:32] == wanted
            assert (await visitor.asks("join", room="tea"))["ok"]
            await visitor.leaves()


async def test_another_worker_takes_over_the_browsers_of_one_that_has_gone(redis: RedisUnderTest) -> None:
    """Whether nginx still knows its address, or no more."""
    async with two_workers(redis, home) as urls:
        gone = "127.0.0.1:9"
        async with nginx([urls[0][7:], gone], at_home=True) as url:
            for cookie in (route(gone), "0" * 32):
                async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as browser:
                    browser.cookies["home"] = cookie
                    answer = await browser.get("/")
                    assert f"home={route(urls[0])};" in answer.headers["set-cookie"]
