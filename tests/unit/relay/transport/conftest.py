"""A lobby in which much was said."""

import pytest
from relay import Post

from tests.unit.relay.transport.buffered import KIB
from tests.unit.wire import Chat


@pytest.fixture
async def long_history(chat: Chat) -> int:
    """The lobby holds more than one answer may; returns about how many bytes one takes."""
    for number in range(200):
        await chat.relay.manager.log.append(
            "lobby", Post(f"long-{number}", b'"%b"\n{"author":{}}' % (b"x" * 2000))
        )
    return 256 * KIB
