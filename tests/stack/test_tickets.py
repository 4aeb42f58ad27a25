"""Links by which people come in, where any worker may be asked, and nginx writes a log."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from chat.people.ticket import new_secret
from chat.people.tickets import UNKNOWN

from tests.support.people import ORDINARY, Person
from tests.support.session import cookie_name
from tests.support.stack import Stack
from tests.support.waiting import PATIENCE, soon
from tests.unit.chat.http.linked import HIDDEN

LINK = re.compile(r'value="https?://[^"/]+(/ticket/[a-z2-7]{26})"')


@asynccontextmanager
async def ana(url: str) -> AsyncIterator[tuple[Person, httpx.AsyncClient]]:
    """Somebody who has signed in, with a page open, whose login is kept; and her browser."""
    async with browser(url) as http:
        await http.post("/sign-in", data={"name": "Ana"})
        tab = Person(url, ORDINARY, "Ana", http.cookies[cookie_name(url)])
        await tab.arrive()
        async with asyncio.timeout(PATIENCE):
            while "/you/ticket" not in (await http.get("/you")).text:
                await asyncio.sleep(0.1)
        yield tab, http
        await tab.leave()


def browser(url: str, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers={"Origin": url, **headers}, timeout=PATIENCE)


async def link(http: httpx.AsyncClient) -> str:
    """The path of a new link for another device."""
    match = LINK.search((await http.post("/you/ticket")).text)
    assert match is not None
    return match[1]


async def presses(http: httpx.AsyncClient, page: httpx.Response) -> httpx.Response:
    """The button of a page."""
    return await http.post(page.request.url.path, data=dict(HIDDEN.findall(page.text)))


async def id_of(url: str, http: httpx.AsyncClient) -> str:
    person = Person(url, ORDINARY, "", http.cookies[cookie_name(url)])
    await person.arrive()
    id = str((await person.asks("rooms"))["you"]["id"])
    await person.leave()
    return id


async def test_of_many_who_open_a_link_at_once_one_gets_in(stack: Stack) -> None:
    """Whichever workers they ask."""
    async with ana(stack.url) as (_, laptop):
        path = await link(laptop)
        phones = [browser(stack.url) for _ in range(8)]
        pages = await asyncio.gather(*(phone.get(path) for phone in phones))
        answers = await asyncio.gather(*(presses(*each) for each in zip(phones, pages, strict=True)))
        assert sorted(answer.status_code for answer in answers) == [303] + [410] * 7
        [phone] = [each for each in phones if cookie_name(stack.url) in each.cookies]
        assert await id_of(stack.url, phone) == await id_of(stack.url, laptop)
        for each in phones:
            await each.aclose()


async def test_no_log_has_the_secret_of_a_link(stack: Stack) -> None:
    """Neither what is opened, nor used, nor mistyped; and no other address is told it."""
    since = len(stack.logs.lines)
    async with ana(stack.url) as (_, laptop), browser(stack.url) as phone:
        path = await link(laptop)
        secret = path.rpartition("/")[2]
        page = await phone.get(path)
        assert page.headers.get_list("referrer-policy") == ["strict-origin"]
        assert page.headers["cache-control"] == "no-store"
        assert (await phone.get("/nowhere")).headers.get_list("referrer-policy") == ["same-origin"]
        for odd in (
            f"{path}?x=1",
            f"/%74icket/{secret}",
            f"/TICKET/{secret}",
            f"{path}/x",
        ):
            await phone.get(odd)
        await phone.post(path, content=b"x" * 70_000)
        await phone.post(path, headers={"Origin": "https://evil.example"})
        assert (await presses(phone, page)).status_code == 303
        await phone.get("/", headers={"Referer": f"{stack.url}{path}"})
        end = f"/after-{secrets.token_hex(8)}"
        await phone.get(end)

    def logged(text: str) -> list[str]:
        return [line.text for line in stack.logs.lines[since:] if text in line.text]

    await soon(lambda: logged(end), what="the last request is logged")
    assert logged("/ticket/(secret)")
    assert logged(secret) == []


async def test_a_link_ends_with_its_login_on_every_worker(stack: Stack) -> None:
    url, other = stack.addresses_of_workers()
    async with ana(url) as (tab, laptop), browser(other) as phone:
        path = await link(laptop)
        page = await phone.get(path)
        assert page.status_code == 200
        await laptop.post("/sign-out")
        await soon(lambda: tab.departures, what="the tab is disconnected")
        for answer in (await phone.get(path), await presses(phone, page)):
            assert (answer.status_code, "set-cookie" in answer.headers) == (410, False)


def test_guesses_are_counted_over_all_workers(stack: Stack) -> None:
    answers = [
        httpx.get(f"{url}/ticket/{new_secret()}", headers={"X-Forwarded-For": "192.0.2.77"}, timeout=PATIENCE)
        for _ in range(UNKNOWN // 2 + 1)
        for url in stack.addresses_of_workers()
    ]
    assert [answer.status_code for answer in answers] == [404] * UNKNOWN + [429] * 2
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_a_link_that_is_used_while_redis_is_away_is_used_later(stack: Stack) -> None:
    """By the form that comes then, and once."""
    redis = stack.container("redis")
    async with ana(stack.url) as (_, laptop), browser(stack.url) as phone, browser(stack.url) as late:
        path = await link(laptop)
        page = await phone.get(path)
        redis.pause()
        try:
            again = await presses(phone, page)
            assert (again.status_code, again.headers["retry-after"]) == (503, "5")
            assert (await late.get(path)).status_code == 503
        finally:
            redis.unpause()
        async with asyncio.timeout(PATIENCE):
            while (answer := await presses(phone, again)).status_code == 503:
                await asyncio.sleep(0.1)
        assert answer.status_code == 303
        assert await id_of(stack.url, phone) == await id_of(stack.url, laptop)
        assert (await late.get(path)).status_code == 410
