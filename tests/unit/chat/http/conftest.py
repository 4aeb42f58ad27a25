"""A browser, and a chat whose key tests know."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from chat.rooms import erasure
from chat.settings import Settings

from tests.unit.chat.events.moderated import CODE as MODERATORS_CODE
from tests.unit.chat.http.cookies import KEY
from tests.unit.chat.http.holders import Holder, holds
from tests.unit.chat.http.linked import ACCESS_CODE, Browser, Browsers
from tests.unit.visitors import browser
from tests.unit.wire import Chat


@pytest.fixture
async def visitor(chat: Chat) -> AsyncIterator[httpx.AsyncClient]:
    """A browser: it keeps cookies, and names the page's origin when it posts."""
    async with browser(chat) as visitor:
        yield visitor


@pytest.fixture
async def browsers() -> AsyncIterator[Browsers]:
    """Of people who come to a chat."""
    browsers = Browsers()
    yield browsers
    await browsers.close()


@pytest.fixture
async def mia(moderated: Chat, browsers: Browsers) -> Browser:
    """A moderator by the code."""
    mia = await browsers.of(moderated, "Moderating Mia")
    await mia.becomes_a_moderator(MODERATORS_CODE)
    return mia


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a name is erased, nothing is on its way for long."""
    monkeypatch.setattr(erasure, "SETTLED", 0.1)


@pytest.fixture
async def keyed(bundle: Path) -> AsyncIterator[Chat]:
    """A chat whose key is known here."""
    async with Chat(Settings(port=0, client_bundle=bundle, secret_key=KEY)) as chat:
        yield chat


@pytest.fixture
async def closed(bundle: Path) -> AsyncIterator[Chat]:
    """A chat with an access code and moderators."""
    settings = Settings(port=0, client_bundle=bundle, access_code=ACCESS_CODE, admin_code=MODERATORS_CODE)
    async with Chat(settings) as chat:
        yield chat


@pytest.fixture
async def ana(chat: Chat) -> AsyncIterator[Holder]:
    """Somebody who has added a passkey, and whose browser has forgotten them."""
    holder = await holds(chat, "Ana")
    yield holder
    await holder.closes()
    chat.relay.manager.store._kept.clear()
