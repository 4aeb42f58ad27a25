"""People who go by links."""

import asyncio
import re

import httpx

from tests.support.waiting import PATIENCE, soon
from tests.unit.chat.events.moderated import CODE as MODERATORS_CODE
from tests.unit.visitors import browser, connects, sign_in
from tests.unit.wire import Chat, Client

ACCESS_CODE = "open sesame"
LINK = re.compile(r'value="http://[^"/]+(/ticket/[a-z2-7]{26})"')
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


class Browser:
    """A browser of somebody, perhaps with a page open."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.http = browser(chat)
        self.tab: Client | None = None

    async def is_kept(self) -> None:
        """They have a page open, and the server keeps their login."""
        self.tab = await connects(self.chat, self.http)
        async with asyncio.timeout(PATIENCE):
            while "/you/ticket" not in (await self.http.get("/you")).text:
                await asyncio.sleep(0.05)

    async def becomes_a_moderator(self, code: str) -> None:
        """With a login of its own, and the page open once more."""
        assert self.tab is not None
        await self.tab.disconnect()
        answer = await self.http.post("/moderate", data={"code": code})
        assert answer.status_code == 303
        await self.is_kept()

    async def makes_a_link(self) -> str:
        """For another device of theirs."""
        return link_of(await self.http.post("/you/ticket"))

    async def opens(self, path: str) -> httpx.Response:
        return await self.http.get(path)

    async def presses(self, page: httpx.Response, **fields: str) -> httpx.Response:
        """The button of the page that a link shows."""
        return await self.http.post(page.request.url.path, data={**dict(HIDDEN.findall(page.text)), **fields})

    async def uses(self, path: str, **fields: str) -> httpx.Response:
        """Open a link, and press the button."""
        return await self.presses(await self.opens(path), **fields)

    async def who(self) -> dict[str, str]:
        """Who they are to the chat."""
        client = await connects(self.chat, self.http)
        who: dict[str, str] = await client.who()
        await client.disconnect()
        return who

    async def closes(self) -> None:
        if self.tab is not None:
            await self.tab.disconnect()
        await self.http.aclose()

    async def is_put_out(self) -> None:
        tab = self.tab
        assert tab is not None
        await soon(lambda: not tab.sio.connected, what="the tab is disconnected")


class Browsers:
    """The browsers of one test, which are closed at its end."""

    def __init__(self) -> None:
        self._all: list[Browser] = []

    def new(self, chat: Chat) -> Browser:
        """A browser in which nobody is."""
        self._all.append(Browser(chat))
        return self._all[-1]

    async def of(self, chat: Chat, name: str, **fields: str) -> Browser:
        """Somebody who has signed in, and whose login is kept."""
        browser = self.new(chat)
        assert (await sign_in(browser.http, name=name, **fields)).status_code == 303
        await browser.is_kept()
        return browser

    async def moderator(self, chat: Chat) -> Browser:
        mia = await self.of(chat, "Mia", code=ACCESS_CODE)
        await mia.becomes_a_moderator(MODERATORS_CODE)
        return mia

    async def close(self) -> None:
        for each in self._all:
            await each.closes()


def link_of(page: httpx.Response) -> str:
    """The path of the link that a page shows."""
    assert page.status_code == 200, page.text
    match = LINK.search(page.text)
    assert match is not None, page.text
    return match[1]
