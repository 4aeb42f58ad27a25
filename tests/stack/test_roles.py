"""Roles over two workers: one that is given or taken at one of them holds on the other at once."""

import asyncio
import secrets

import httpx

from tests.stack.test_guarded_rooms import Member, members
from tests.stack.test_settings import worker
from tests.support.session import cookie_name
from tests.support.stack import Stack
from tests.support.waiting import PATIENCE, soon

AT_ONCE = 3.0
"""Seconds in which a worker acts on word of it: before its next look at all roles, which is every five."""


def appoints(stack: Stack, *arguments: str) -> str:
    """Run the command line, where a worker runs."""
    return stack.compose(
        "exec", "-T", "web", "/usr/local/bin/python", "-m", "chat.appoint", *arguments
    ).strip()


def gives(by: Member, url: str, person: str, role: str) -> httpx.Response:
    """Press a button of the page of a person, at this worker."""
    cookies = {cookie_name(url): by.cookie}
    return httpx.post(
        f"{url}/people/{person}/role",
        data={"role": role},
        cookies=cookies,
        headers={"Origin": url},
        timeout=PATIENCE,
    )


async def again(member: Member) -> None:
    """They were disconnected, and come back."""
    await soon(lambda: not member.sio.connected, within=AT_ONCE, what="the tab is disconnected")
    await member.arrive()


async def known(stack: Stack, name: str) -> None:
    """The server keeps this person, who has just come."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await asyncio.to_thread(appoints, stack, "owner", name)
                return
            except RuntimeError:  # nobody of the name is known yet
                await asyncio.sleep(0.2)


async def test_a_role_holds_on_the_other_worker_at_once(stack: Stack) -> None:
    olga = f"Olga {secrets.token_hex(4)}"
    with worker(stack) as here, worker(stack) as there:
        at, away = str(here.base_url), str(there.base_url)
        async with members((olga, at), ("Ana", away), ("Ben", away)) as (owner, ana, ben):
            await known(stack, olga)
            await again(owner)
            assert (await owner.asks("sanctions", {}))["ok"]

            person = await ana.id()
            assert (await ana.asks("sanctions", {}))["error"] == "forbidden"
            assert gives(owner, at, person, "moderator").status_code == 303
            await again(ana)
            assert (await ana.asks("sanctions", {}))["ok"]
            assert gives(ana, away, await ben.id(), "moderator").status_code == 403

            assert gives(owner, at, person, "member").status_code == 303
            await again(ana)
            assert (await ana.asks("sanctions", {}))["error"] == "forbidden"
            assert (await ben.asks("sanctions", {}))["error"] == "forbidden"
            assert ben.sio.connected


async def test_the_command_line_says_what_it_did_and_makes_no_second_owners_link(stack: Stack) -> None:
    olga = f"Olga {secrets.token_hex(4)}"
    async with members((olga, stack.url)):
        await known(stack, olga)
        assert await asyncio.to_thread(appoints, stack, "owner", olga) == f"{olga} has the role owner now."
        assert await asyncio.to_thread(appoints, stack, "owner") == ""
    link = await asyncio.to_thread(appoints, stack, "moderator", f"Nobody {secrets.token_hex(4)}")
    page = await asyncio.to_thread(httpx.get, stack.url + link, timeout=PATIENCE)
    assert "Become a moderator" in page.text
