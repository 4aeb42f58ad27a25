"""A browser."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.unit.visitors import browser
from tests.unit.wire import Chat


@pytest.fixture
async def visitor(chat: Chat) -> AsyncIterator[httpx.AsyncClient]:
    """A browser: it keeps cookies, and names the page's origin when it posts."""
    async with browser(chat) as visitor:
        yield visitor
