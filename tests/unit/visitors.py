"""Visitors: people with a browser, as the server sees them."""

import httpx

from tests.unit.wire import Chat, Client


def browser(chat: Chat, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=chat.url, headers={"Origin": chat.url, **headers})


async def sign_in(visitor: httpx.AsyncClient, **fields: str) -> httpx.Response:
    return await visitor.post("/sign-in", data=fields)


async def connects(chat: Chat, visitor: httpx.AsyncClient) -> Client:
    return await chat.client("websocket", cookie=visitor.cookies["tertulia"])
