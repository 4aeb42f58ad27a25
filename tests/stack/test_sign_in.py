"""Signing in and out where any worker may answer, and with an access code."""

import asyncio

import httpx
import pytest
from socketio.exceptions import ConnectionError as Refused

from tests.stack.test_settings import worker
from tests.support.people import ORDINARY, Person
from tests.support.session import cookie_name
from tests.support.stack import Stack
from tests.support.waiting import soon


async def test_one_browser_is_the_same_person_on_every_worker(stack: Stack) -> None:
    """A guest too."""
    cookie = (await asyncio.to_thread(httpx.get, stack.url)).cookies[cookie_name(stack.url)]
    tabs = [Person(stack.url, ORDINARY, "ana", cookie) for _ in range(6)]
    await asyncio.gather(*(tab.arrive() for tab in tabs))
    assert {tab.route for tab in tabs} == set(stack.workers())
    assert len({(await tab.asks("rooms"))["you"]["id"] for tab in tabs}) == 1
    await asyncio.gather(*(tab.leave() for tab in tabs))


async def test_signing_out_ends_the_tabs_on_every_worker(stack: Stack) -> None:
    [cookie] = stack.sign_in("ana")
    tabs = [Person(stack.url, ORDINARY, "ana", cookie) for _ in range(6)]
    await asyncio.gather(*(tab.arrive() for tab in tabs))
    assert {tab.route for tab in tabs} == set(stack.workers())
    gone = await asyncio.to_thread(
        httpx.post,
        f"{stack.url}/sign-out",
        headers={"Cookie": f"{cookie_name(stack.url)}={cookie}", "Origin": stack.url},
    )
    assert (gone.status_code, gone.headers["location"]) == (303, "/sign-in")
    await soon(lambda: all(tab.departures for tab in tabs), what="all tabs are ended")
    await asyncio.gather(*(tab.leave() for tab in tabs))


async def test_with_a_code_only_those_who_know_it_come_in(stack: Stack) -> None:
    with worker(stack, ACCESS_CODE="open sesame") as http:
        turned = http.get("/rooms/tea")
        assert (turned.status_code, turned.headers["location"]) == (303, "/sign-in?next=/rooms/tea")
        assert http.post("/sign-in", data={"name": "Eve", "code": "guess"}).status_code == 403
        stranger = Person(str(http.base_url), ORDINARY, "Eve")
        with pytest.raises(Refused):
            await stranger.arrive()
        entered = http.post("/sign-in", data={"name": "Ana", "code": "open sesame", "next": "/rooms/tea"})
        assert (entered.status_code, entered.headers["location"]) == (303, "/rooms/tea")
        assert http.get("/rooms/tea").status_code == 200
        ana = Person(str(http.base_url), ORDINARY, "ana", http.cookies["tertulia"])
        await ana.arrive()
        assert (await ana.asks("rooms"))["you"]["name"] == "Ana"
        await ana.leave()
        await stranger.leave()


def test_guesses_are_counted_over_all_workers(stack: Stack) -> None:
    with worker(stack, ACCESS_CODE="one") as here, worker(stack, ACCESS_CODE="one") as there:
        answers = [
            http.post(
                "/sign-in", data={"name": "Eve", "code": "guess"}, headers={"X-Forwarded-For": "192.0.2.1"}
            )
            for _ in range(6)
            for http in (here, there)
        ]
        assert [answer.status_code for answer in answers] == [403] * 10 + [429] * 2
        assert int(answers[-1].headers["retry-after"]) > 0
