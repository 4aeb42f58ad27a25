"""The logins that Redis keeps, where any worker may be asked about them."""

import asyncio
import re
import secrets

import httpx

from tests.stack.test_settings import worker
from tests.support.people import ORDINARY, Person
from tests.support.stack import Stack
from tests.support.waiting import PATIENCE, soon
from tests.unit.chat.http.cookies import KEY, as_of_0_1_0, next_second


async def shows(browser: httpx.Client, logins: int) -> None:
    """The page of somebody's logins has so many."""
    async with asyncio.timeout(PATIENCE):
        while len(re.findall("<li>", (await asyncio.to_thread(browser.get, "/you")).text)) != logins:
            await asyncio.sleep(0.1)


async def test_logins_are_ended_from_another_worker(stack: Stack) -> None:
    """Old cookies too; a tab at another worker is disconnected, and the browser that asked goes on."""
    with worker(stack, SECRET_KEY=KEY) as here, worker(stack, SECRET_KEY=KEY) as there:
        ana = secrets.token_hex(8)
        laptop, phone, never_noted = (
            as_of_0_1_0(id=ana, name="Ana", session=f"{ana} {which}", earlier=[]) for which in range(3)
        )
        url = str(there.base_url)
        tabs = [
            Person(str(here.base_url), ORDINARY, "laptop", laptop),
            Person(url, ORDINARY, "phone", phone),
        ]
        for tab in tabs:
            await tab.arrive()
        here.cookies.set("tertulia", laptop)
        await shows(here, 2)
        await next_second()
        answer = await asyncio.to_thread(here.post, "/you/logins/others")
        assert (answer.status_code, answer.headers["location"]) == (303, "/you")
        await soon(lambda: tabs[1].departures, what="the phone's tab is disconnected")
        assert not tabs[0].departures
        await shows(here, 1)
        for cookie in (phone, never_noted):
            form = await asyncio.to_thread(
                httpx.get, f"{url}/sign-in", headers={"Cookie": f"tertulia={cookie}"}
            )
            assert 'value="Ana"' not in form.text
        await asyncio.gather(*(tab.leave() for tab in tabs))
