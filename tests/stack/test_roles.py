"""Roles over two workers: one that is given or taken at one of them holds on the other at once."""

import asyncio
import secrets
from functools import partial

import httpx

from tests.stack.test_guarded_rooms import Member, members, private_room
from tests.support.session import cookie_name
from tests.support.stack import Stack
from tests.support.waiting import PATIENCE, soon

AT_ONCE = 3.0
"""Seconds in which a worker acts on word of it: before its next look at all roles, which is every five."""


def new_name(name: str) -> str:
    """One that no test has had: nobody else can take the name of a moderator."""
    return f"{name} {secrets.token_hex(4)}"


def appoints(stack: Stack, *arguments: str) -> str:
    """Run the command line, where a worker runs."""
    return stack.compose(
        "exec", "-T", "web", "/usr/local/bin/python", "-m", "chat.appoint", *arguments
    ).strip()


async def posts(by: Member, url: str, path: str, **fields: str) -> int:
    """Send a form at this worker; the status of the answer."""
    request = {"cookies": {cookie_name(url): by.cookie}, "headers": {"Origin": url}, "timeout": PATIENCE}
    answer = await asyncio.to_thread(partial(httpx.post, f"{url}{path}", data=fields, **request))  # type: ignore[arg-type]
    return answer.status_code


async def gives(by: Member, url: str, person: str, role: str) -> int:
    """Press a button of the page of a person, at this worker."""
    return await posts(by, url, f"/people/{person}/role", role=role)


async def is_disconnected(member: Member) -> None:
    await soon(lambda: not member.sio.connected, within=AT_ONCE, what="the tab is disconnected")


async def again(member: Member) -> None:
    """They were disconnected, and come back."""
    await is_disconnected(member)
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
    olga = new_name("Olga")
    at, away = stack.addresses_of_workers()
    async with members((olga, at), (new_name("Ana"), away), (new_name("Ben"), away)) as (owner, ana, ben):
        await known(stack, olga)
        await again(owner)
        assert (await owner.asks("sanctions", {}))["ok"]

        person = await ana.id()
        assert (await ana.asks("sanctions", {}))["error"] == "forbidden"
        assert await gives(owner, at, person, "moderator") == 303
        await again(ana)
        assert (await ana.asks("sanctions", {}))["ok"]
        assert await gives(ana, away, await ben.id(), "moderator") == 403

        assert await gives(owner, at, person, "member") == 303
        await again(ana)
        assert (await ana.asks("sanctions", {}))["error"] == "forbidden"
        assert (await ben.asks("sanctions", {}))["error"] == "forbidden"
        assert ben.sio.connected


async def test_who_is_put_out_while_at_another_worker_hears_nothing_more(stack: Stack) -> None:
    """And whoever they were, no cookie of theirs is that any more, at no worker."""
    olga = new_name("Olga")
    at, away = stack.addresses_of_workers()
    async with members((olga, at), (new_name("Ana"), away), (new_name("Ben"), away)) as (owner, ana, ben):
        await known(stack, olga)
        await again(owner)
        room, person = await private_room(ben, ana), await ana.id()
        heard = len(ana.heard)
        assert await posts(owner, at, f"/people/{person}/state", state="out") == 303
        assert (await ben.says("without Ana", room))["ok"]
        await is_disconnected(ana)
        assert len(ana.heard) == heard
        for url in (at, away):
            ana.url = url
            await ana.arrive()
            assert await ana.id() != person
            assert (await ana.joins(room))["reason"] == "unknown_room"
            await ana.sio.disconnect()


async def test_the_command_line_says_what_it_did_and_makes_no_second_owners_link(stack: Stack) -> None:
    olga = new_name("Olga")
    async with members((olga, stack.url)):
        await known(stack, olga)
        assert await asyncio.to_thread(appoints, stack, "owner", olga) == f"{olga} has the role owner now."
        assert await asyncio.to_thread(appoints, stack, "owner") == ""
    link = await asyncio.to_thread(appoints, stack, "moderator", new_name("Nobody"))
    page = await asyncio.to_thread(httpx.get, stack.url + link, timeout=PATIENCE)
    assert "Become a moderator" in page.text
