"""People with private rooms, and the links by which others come in."""

import html
import re

from tests.unit.chat.http.linked import ACCESS_CODE, Browser, Browsers, link_of
from tests.unit.wire import Chat, Client

TITLE = "Plans & more"


async def person(browsers: Browsers, chat: Chat, name: str) -> Browser:
    return await browsers.of(chat, name, code=ACCESS_CODE)


def tab(browser: Browser) -> Client:
    assert browser.tab is not None
    return browser.tab


async def makes_a_room(by: Browser, *others: Browser, title: str = TITLE) -> str:
    people = [(await each.who())["id"] for each in others]
    made = await tab(by).asks("create", {"kind": "private", "title": title, "people": people})
    return str(made["room"])


async def invites(by: Browser, room: str, uses: int = 1, hours: int = 24) -> str:
    form = {"room": room, "uses": str(uses), "hours": str(hours)}
    return link_of(await by.http.post("/invitations", data=form))


async def members(of: Browser, room: str) -> list[str]:
    return [each["name"] for each in (await tab(of).asks("members", {"room": room}))["members"]]


async def page_of(browser: Browser, room: str) -> str:
    return html.unescape((await browser.opens(f"/invitations?room={room}")).text)


def listed(page: str) -> list[str]:
    """How much is left of each open invitation that a page shows."""
    return re.findall(r"<h3>(.*?)</h3>", page)


def digests(page: str) -> list[str]:
    return re.findall(r'name="invitation" value="(\w+)"', page)
