"""The kinds of people there are, to an open and to a private room of a chat with moderators.

A new kind is one more line of KINDS, and how it comes.
"""

import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import httpx
from chat.domain.people import Person
from chat.domain.roles import MODERATOR, OWNER
from chat.people.program import Token
from chat.people.programs import Programs
from chat.people.roles import Roles

from tests.unit.chat.events.moderated import CODE
from tests.unit.chat.http.linked import Browser, Browsers
from tests.unit.chat.http.programming import refused
from tests.unit.visitors import client_of, connects
from tests.unit.wire import Chat, Client

_numbers = itertools.count(1)


class Place(Enum):
    """What somebody is in the private room."""

    OUTSIDE = auto()
    PUT_OUT = auto()
    MEMBER = auto()
    MAKER = auto()


@dataclass
class Somebody:
    """`browser`: None of a program. `client`: None of who is not let in; `refusal`: why."""

    id: str
    browser: Browser | None
    client: Client | None
    refusal: str = ""

    async def asks(self, event: str, *arguments: Any) -> dict[str, Any]:
        """The answer to an event."""
        if self.client is None:
            return {"ok": False, "error": self.refusal}
        answer: dict[str, Any] = await self.client.asks(event, *arguments)
        return answer

    async def leaves(self) -> None:
        """They close the page; the cookie stays."""
        if self.client is not None:
            await self.client.disconnect()

    def http(self, address: str) -> httpx.AsyncClient:
        """A browser with the same cookies, which may lose them; at an address of its own, where others have
        guessed nothing."""
        assert self.browser is not None
        headers = {"Origin": self.browser.chat.url, "X-Forwarded-For": address}
        cookies = dict(self.browser.http.cookies)
        return client_of(self.browser.chat, headers=headers, cookies=cookies)


Comes = Callable[[Chat, Browsers], Awaitable[Somebody]]


@dataclass(frozen=True)
class Kind:
    """`title`: of its column in the tables."""

    title: str
    comes: Comes
    place: Place = Place.OUTSIDE


async def stranger(chat: Chat, browsers: Browsers) -> Somebody:
    client = await chat.client("websocket")
    return Somebody((await client.who())["id"], browsers.new(chat), client)


async def guest(chat: Chat, browsers: Browsers) -> Somebody:
    browser = await browsers.of(chat, f"Guest {next(_numbers)}")
    return await _with(browser)


async def banned(chat: Chat, browsers: Browsers) -> Somebody:
    one = await guest(chat, browsers)
    mia = await chat.client("websocket", auth={"name": "Mia", "admin": CODE})
    await mia.asks("ban", {"person": one.id, "seconds": 3600})
    await mia.disconnect()
    assert one.browser is not None
    cookie = one.browser.http.cookies["tertulia"]
    refusal = (await refused(chat, None, cookie))["error"]
    return Somebody(one.id, one.browser, None, refusal)


async def excluded(chat: Chat, browsers: Browsers) -> Somebody:
    """Put out for good. Whoever comes with the cookie is a stranger."""
    one, mia = await guest(chat, browsers), await moderator(chat, browsers)
    assert one.browser is not None
    assert mia.browser is not None
    await mia.browser.http.post(f"/people/{one.id}/state", data={"state": "out"})
    await one.browser.is_put_out()
    client = await connects(chat, one.browser.http)
    return Somebody((await client.who())["id"], one.browser, client)


async def moderator(chat: Chat, browsers: Browsers) -> Somebody:
    """By the moderators' code."""
    browser = await browsers.of(chat, f"Moderator {next(_numbers)}")
    await browser.becomes_a_moderator(CODE)
    return await _with(browser)


async def moderator_by_role(chat: Chat, browsers: Browsers) -> Somebody:
    return await _by_role(MODERATOR, chat, browsers)


async def owner(chat: Chat, browsers: Browsers) -> Somebody:
    return await _by_role(OWNER, chat, browsers)


async def program(chat: Chat, browsers: Browsers) -> Somebody:
    token, manager = Token.new(), chat.relay.manager
    await Programs(manager.store, manager.records).make(token, "Bot", 0, Person("mia", "Mia"))
    return Somebody(token.person, None, await chat.client("websocket", auth={"token": token.text}))


async def _by_role(role: str, chat: Chat, browsers: Browsers) -> Somebody:
    one, manager = await guest(chat, browsers), chat.relay.manager
    assert one.browser is not None
    await Roles(manager.records, 365, manager.disconnect_group).give(one.id, role)
    await one.browser.is_put_out()
    await one.browser.is_kept()
    return await _with(one.browser)


async def _with(browser: Browser) -> Somebody:
    assert browser.tab is not None
    return Somebody((await browser.tab.who())["id"], browser, browser.tab)


KINDS = (
    Kind("a stranger", stranger),
    Kind("a guest", guest),
    Kind("put out of the room", guest, Place.PUT_OUT),
    Kind("banned", banned),
    Kind("put out for good", excluded),
    Kind("a program", program),
    Kind("a moderator", moderator),
    Kind("an owner", owner),
    Kind("a member", guest, Place.MEMBER),
    Kind("a program in it", program, Place.MEMBER),
    Kind("a moderator in it", moderator_by_role, Place.MEMBER),
    Kind("its maker", guest, Place.MAKER),
)
"""In the order in which they ask: those who change most come last."""
