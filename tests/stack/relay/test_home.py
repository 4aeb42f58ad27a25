"""State that can't leave its process, as docs/relay-state.md has it: a cookie brings a browser back to the
worker that has its state."""

import json
from hashlib import md5
from typing import Any

import httpx
import pytest
from relay import route_of
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse

from tests.stack.relay.real_nginx import POLLING, nginx
from tests.stack.relay.two_workers import two_workers
from tests.stack.relay.worker import RedisUnderTest
from tests.support import relay_document
from tests.support.application import Visitor
from tests.support.waiting import PATIENCE

CODE = relay_document.block("python", "from relay import route_of\n").removesuffix("app = Home(app)\n")


def home(app: Any) -> Any:
    """An application in the document's own class, with a route that says which worker answers, and one that
    sends on as the document says."""

    async def telling(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] not in ("/where", "/of"):
            await app(scope, receive, send)
            return
        request, here = Request(scope), route_of(scope["server"])
        wanted = request.query_params.get("wanted", here)
        if wanted in (here, request.query_params.get("sid")):
            await PlainTextResponse(here)(scope, receive, send)
        else:
            await RedirectResponse(request.url.include_query_params(sid=wanted), 307)(scope, receive, send)

    names: dict[str, Any] = {}
    exec(CODE, names)
    return names["Home"](telling)


def route(url: str) -> str:
    return md5(url.removeprefix("http://").encode()).hexdigest()


async def begins(browser: httpx.AsyncClient) -> str:
    """Begin a session; its id."""
    return str(json.loads((await browser.get(POLLING)).text[1:])["sid"])


async def test_all_sessions_of_a_browser_and_its_requests_are_at_one_worker(redis: RedisUnderTest) -> None:
    """Browsers are dealt out."""
    async with two_workers(redis, home) as urls, nginx([url[7:] for url in urls], at_home=True) as url:
        homes = []
        for _ in range(6):
            async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as browser:
                homes.append((await begins(browser))[:32])
                for _ in range(3):
                    assert (await begins(browser))[:32] == homes[-1]
                    assert (await browser.get("/where")).text == homes[-1]
        assert {*homes} == {route(url) for url in urls}


async def test_only_a_session_that_begins_moves_a_browser(redis: RedisUnderTest) -> None:
    """What another session asks, and what is answered in place of another worker, leave the cookie."""
    async with two_workers(redis, home) as urls, nginx([url[7:] for url in urls], at_home=True) as url:
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as browser:
            sid = await begins(browser)
        (other,) = {route(url) for url in urls} - {sid[:32]}
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as browser:
            browser.cookies["home"] = other
            answers = [
                await browser.post(f"{POLLING}&sid={sid}", content="40"),
                await browser.get(f"{POLLING}&sid={sid}"),
                await browser.get(f"/where?sid={sid[:32]}"),
            ]
            assert [answer.status_code for answer in answers] == [200, 200, 200]
            assert answers[-1].text == sid[:32], "a route alone is enough"
            assert not any("set-cookie" in answer.headers for answer in answers)
            assert (await begins(browser))[:32] == other


async def test_a_request_at_another_worker_is_sent_on_to_the_sessions(redis: RedisUnderTest) -> None:
    async with two_workers(redis, home) as urls, nginx([url[7:] for url in urls], at_home=True) as url:
        routes = [route(url) for url in urls]
        for here, wanted in ((0, 1), (1, 0), (0, 0)):
            async with httpx.AsyncClient(base_url=url, timeout=PATIENCE, follow_redirects=True) as browser:
                browser.cookies["home"] = routes[here]
                answer = await browser.post("/of", params={"wanted": routes[wanted]}, content="posted")
                assert answer.text == routes[wanted]
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE, follow_redirects=True) as browser:
            assert (await browser.get("/of", params={"wanted": "0" * 32})).text in routes, "it has gone"


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
                    assert (await begins(browser))[:32] == route(urls[0])
                    assert browser.cookies.get("home", domain="127.0.0.1") == route(urls[0])
