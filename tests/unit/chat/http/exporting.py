"""How a test asks for the file of what is one's own."""

from typing import Any

import httpx

from tests.unit.chat.events.guarded import Somebody
from tests.unit.wire import Chat


async def asks(chat: Chat, one: Somebody, method: str = "GET", **headers: str) -> httpx.Response:
    """Ask for somebody's file."""
    headers |= {"Cookie": f"tertulia={one.cookie}"}
    return await chat.http.request(method, "/you/export", headers=headers)


async def file_of(chat: Chat, one: Somebody) -> dict[str, Any]:
    answer = await asks(chat, one)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def texts_in(file: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["room"], each["text"]) for each in file["messages"]]
