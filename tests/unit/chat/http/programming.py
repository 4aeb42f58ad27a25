"""Programs, and the moderators who make their tokens."""

import html
import re
from typing import Any

import httpx
import pytest

from tests.support.waiting import soon
from tests.unit.chat.http.linked import Browser
from tests.unit.wire import Chat, Client

TOKEN = re.compile(r'value="(tertulia_[0-9a-f]{16}_[a-z2-7]{26})"')
LISTED = re.compile(r"<h3><bdi>(.*?)</bdi></h3>\s*<p class=\"hint\">(.*?)</p>", re.DOTALL)


async def makes_a_token(by: Browser, name: str = "Bot", days: int = 0) -> str:
    return token_of(await by.http.post("/programs", data={"name": name, "days": str(days)}))


def token_of(page: httpx.Response) -> str:
    """The token that a page shows."""
    assert page.status_code == 200, page.text
    match = TOKEN.search(page.text)
    assert match is not None, page.text
    return match[1]


def id_in(token: str) -> str:
    return token.split("_")[1]


def listed(page: httpx.Response) -> dict[str, str]:
    """What the page says of each program, by its name."""
    return {html.unescape(name): " ".join(said.split()) for name, said in LISTED.findall(page.text)}


async def runs(chat: Chat, token: str) -> Client:
    """A program that has connected."""
    return await chat.client("websocket", auth={"token": token})


async def refused(chat: Chat, auth: Any, cookie: str | None = None) -> dict[str, Any]:
    """Why somebody is not let in."""
    client = Client(["websocket"])
    with pytest.raises(Exception, match=r"refused|failed|connect"):
        await client.connect(chat.url, cookie, auth)
    data: dict[str, Any] = client.refusal["data"]
    return data


async def is_put_out(program: Client) -> None:
    await soon(lambda: not program.sio.connected, what="the program is disconnected")
