"""Visitors: people with a browser, as the server sees them."""

from typing import Any

import httpx
from chat.http.login_cookie import Logins
from chat.people.logins import KeptLogins
from relay import Store
from relay.memory.records import MemoryRecords

from tests.unit.wire import Chat, Client


def browser(chat: Chat, **headers: str) -> httpx.AsyncClient:
    return client_of(chat, headers={"Origin": chat.url, **headers})


def client_of(chat: Chat, **about: Any) -> httpx.AsyncClient:
    """A client of a chat without TLS: to read the authorities that are trusted would take 50 ms each time."""
    return httpx.AsyncClient(base_url=chat.url, verify=False, **about)


def logins_on(store: Store, *secrets: str | None) -> Logins:
    """The logins of a chat of which nobody was kept yet. `secrets`: its key, access code and moderators'
    code."""
    key, access_code, *admin_code = secrets
    return Logins(store, KeptLogins(store, MemoryRecords()), key, access_code, *admin_code)


async def sign_in(visitor: httpx.AsyncClient, **fields: str) -> httpx.Response:
    return await visitor.post("/sign-in", data=fields)


async def connects(chat: Chat, visitor: httpx.AsyncClient) -> Client:
    return await chat.client("websocket", cookie=visitor.cookies["tertulia"])


async def cookie_of(chat: Chat, name: str) -> str:
    """The cookie of somebody who signs in under this name."""
    answer = await chat.http.post("/sign-in", data={"name": name})
    return str(answer.cookies["tertulia"])


async def enters(chat: Chat, name: str, *rooms: str) -> Client:
    """Somebody who signs in under this name, and is in these rooms."""
    client = await chat.client("websocket", cookie=await cookie_of(chat, name))
    for room in rooms:
        assert (await client.asks("join", {"room": room}))["ok"]
    return client
