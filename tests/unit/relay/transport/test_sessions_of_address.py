"""One address has so many sessions and no more, whether they hold a connection or not."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import httpx
import pytest
from chat.settings import Settings

from tests.support.waiting import soon
from tests.unit.wire import POLLING, WEBSOCKET, Chat

OURS, OTHER = {"X-Forwarded-For": "192.0.2.7"}, {"X-Forwarded-For": "198.51.100.1"}


@pytest.fixture
async def behind(bundle: Path) -> AsyncIterator[Chat]:
    """A chat behind a proxy that names the client's address, with three sessions for each."""
    settings = Settings(port=0, client_bundle=bundle, trusted_proxies=("*",), connections_per_address=3)
    async with Chat(settings) as chat:
        yield chat
        await chat.relay.close_sessions()


async def opened(chat: Chat, headers: dict[str, str]) -> httpx.Response:
    return await chat.http.get(POLLING, headers=headers)


async def test_an_address_has_so_many_sessions_and_others_have_theirs(behind: Chat) -> None:
    """The next one is told so, and by a 429 no proxy asks another worker; who ends one may open another."""
    sids = [json.loads((await opened(behind, OURS)).text[1:])["sid"] for _ in range(3)]
    refusal = await opened(behind, OURS)
    assert (refusal.status_code, refusal.json()["error"]) == (429, "rate_limited")
    assert (refusal.headers["Retry-After"], refusal.json()["retry_after"]) == ("5", 5)
    async with aiohttp.ClientSession() as browser:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await browser.ws_connect(behind.url + WEBSOCKET, headers=OURS)
    assert refused.value.status == 429
    assert (await opened(behind, OTHER)).status_code == 200
    await behind.http.post(f"{POLLING}&sid={sids[0]}", content="1")
    assert (await opened(behind, OURS)).status_code == 200


async def test_the_addresses_of_one_network_are_one(behind: Chat) -> None:
    """Whoever has one address of IPv6 has 2^64."""
    for number in range(3):
        assert (await opened(behind, {"X-Forwarded-For": f"2001:db8::{number}"})).status_code == 200
    assert (await opened(behind, {"X-Forwarded-For": "2001:db8::9"})).status_code == 429
    assert (await opened(behind, {"X-Forwarded-For": "2001:db8:0:1::9"})).status_code == 200


async def test_nothing_is_remembered_of_an_address_without_sessions(behind: Chat) -> None:
    """However they ended, and however many were refused."""
    for _ in range(5):
        await opened(behind, OURS)
    ana = await behind.client("websocket")
    await ana.disconnect()
    await behind.relay.close_sessions()
    await opened(behind, OTHER)
    await behind.relay.close_sessions()
    await soon(lambda: not behind.relay.eio.sessions_of, within=5, what="the addresses to be forgotten")
