"""A chat with strict limits."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from chat.settings import Settings

from tests.unit.wire import Chat, Log


@pytest.fixture
async def strict(bundle: Path, log: Log) -> AsyncIterator[Chat]:
    """A chat in which a person may send three messages at once, and an address as many as two people."""
    settings = Settings(
        port=0,
        client_bundle=bundle,
        message_max_chars=8000,
        messages_per_second=1,
        messages_at_once=3,
        people_per_address=2,
        trusted_proxies=("127.0.0.1",),
    )
    async with Chat(settings) as chat:
        yield chat
    assert log.tracebacks == []
