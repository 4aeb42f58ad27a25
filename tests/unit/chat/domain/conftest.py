"""A chat that asks for a code."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from chat.settings import Settings

from tests.unit.chat.domain.closed import CODE, KEY
from tests.unit.wire import Chat


@pytest.fixture
async def closed(bundle: Path) -> AsyncIterator[Chat]:
    """A chat with an access code."""
    async with Chat(Settings(port=0, client_bundle=bundle, access_code=CODE, secret_key=KEY)) as chat:
        yield chat
