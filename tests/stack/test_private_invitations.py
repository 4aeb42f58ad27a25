"""Invitations into private rooms, made at one worker and opened at another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.stack.test_tickets import LINK, browser
from tests.support.people import WEBSOCKET, Person
from tests.support.session import cookie_name
from tests.support.stack import Stack
from tests.support.waiting import PATIENCE, soon
from tests.unit.chat.http.linked import HIDDEN


class Guest(Person):
    """Somebody at one worker, with a browser."""

    def __init__(self, url: str, http: httpx.AsyncClient, name: str) -> None:
        super().__init__(url, WEBSOCKET, name, http.cookies[cookie_name(url)])
        self.http = http


@asynccontextmanager
async def signed_in(url: str, name: str) -> AsyncIterator[Guest]:
    async with browser(url) as http:
        await http.post("/sign-in", data={"name": name})
        guest = Guest(url, http, name)
        await guest.arrive()
        yield guest
        await guest.leave()


async def makes_a_room(maker: Person) -> str:
    made = await maker.asks("create", {"kind": "private", "title": "Plans"})
    assert made["ok"], made
    return str(made["room"])


async def invites(maker: Guest, room: str, uses: int = 1) -> str:
    form = {"room": room, "uses": str(uses), "hours": "1"}
    match = LINK.search((await maker.http.post("/invitations", data=form)).text)
    assert match is not None
    return match[1]


async def uses(http: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    page = await http.get(path)
    return await http.post(path, data={**dict(HIDDEN.findall(page.text)), **fields})


async def names(of: Person, room: str) -> list[Any]:
    return [each["name"] for each in (await of.asks("members", {"room": room}))["members"]]


async def test_who_comes_by_a_link_at_another_worker_hears_the_room(stack: Stack) -> None:
    """Also what was written while they came, and at a worker where the room had nobody."""
    url, other = stack.addresses_of_workers()
    async with signed_in(url, "Ana") as ana, browser(other) as http:
        room = await makes_a_room(ana)
        answer = await uses(http, await invites(ana, room), name="Ben")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/rooms/{room}")
        ben = Guest(other, http, "Ben")
        ben.room = ana.room = room
        await ben.arrive()
        await soon(lambda: ben.is_here, what="Ben is in the room")
        assert (await ana.asks("join", {"room": room}))["ok"]
        assert (await ana.says("welcome"))["ok"]
        await ben.hears("welcome")
        assert await names(ana, room) == ["Ana", "Ben"]
        await ben.leave()


async def test_the_last_place_is_given_once_whatever_workers_are_asked(stack: Stack) -> None:
    urls = stack.addresses_of_workers()
    async with signed_in(urls[0], "Ana") as ana:
        room = await makes_a_room(ana)
        link = await invites(ana, room, uses=3)
        guests = [browser(url) for url in urls * 4]
        came = await asyncio.gather(*(uses(each, link, name=f"guest {n}") for n, each in enumerate(guests)))
        assert sorted(answer.status_code for answer in came) == [303] * 3 + [410] * 5
        assert len(await names(ana, room)) == 4
        for each in guests:
            await each.aclose()


async def test_what_ends_at_one_worker_has_ended_at_the_other(stack: Stack) -> None:
    """By hand, and with the membership of who made it."""
    url, other = stack.addresses_of_workers()
    async with (
        signed_in(url, "Ana") as ana,
        signed_in(other, "Ben") as ben,
        browser(other) as eve,
    ):
        room = await makes_a_room(ana)
        assert (await uses(ben.http, await invites(ana, room))).status_code == 303
        by_ben = await invites(ben, room)
        assert (await eve.get(by_ben)).status_code == 200
        id = (await ben.asks("rooms"))["you"]["id"]
        assert (await ana.asks("remove", {"room": room, "person": id}))["ok"]
        assert (await uses(eve, by_ben, name="Eve")).status_code == 410
        by_ana = await invites(ana, room)
        page = await ana.http.get(f"/invitations?room={room}")
        for name, digest in HIDDEN.findall(page.text):
            if name == "invitation":
                form = {"room": room, "invitation": digest}
                await ana.http.post("/invitations/withdraw", data=form)
        assert (await uses(eve, by_ana, name="Eve")).status_code == 410
        assert await names(ana, room) == ["Ana"]


async def test_a_form_that_came_while_redis_was_away_makes_one_member(stack: Stack) -> None:
    """It is sent again, by the page that says so."""
    redis = stack.container("redis")
    async with signed_in(stack.url, "Ana") as ana, browser(stack.url) as http:
        room = await makes_a_room(ana)
        path = await invites(ana, room)
        page = await http.get(path)
        fields = {**dict(HIDDEN.findall(page.text)), "name": "Ben"}
        redis.pause()
        try:
            again = await http.post(path, data=fields)
            assert again.status_code == 503
        finally:
            redis.unpause()
        async with asyncio.timeout(PATIENCE):
            fields = dict(HIDDEN.findall(again.text))
            while (answer := await http.post(path, data=fields)).status_code == 503:
                await asyncio.sleep(0.1)
        assert answer.headers["location"] == f"/rooms/{room}"
        async with asyncio.timeout(PATIENCE):
            while not (found := await ana.asks("members", {"room": room}))["ok"]:
                await asyncio.sleep(0.1)
        assert [each["name"] for each in found["members"]] == ["Ana", "Ben"]
