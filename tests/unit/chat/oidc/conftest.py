"""A chat in which people come in by a provider."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from chat.settings import Settings

from tests.unit.chat.oidc.providing import Newcomer, Newcomers, Provider
from tests.unit.wire import Chat, Log

ChatWith = Callable[..., Awaitable[Chat]]


@pytest.fixture(scope="session")
async def shared(bundle: Path) -> AsyncIterator[tuple[Chat, Provider]]:
    """A chat and its provider, started once. The chat keeps what it has read of the provider."""
    async with Provider() as provider, Chat(settings_with(bundle, provider)) as chat:
        yield chat, provider


@pytest.fixture
def provider(shared: tuple[Chat, Provider]) -> Provider:
    """As it is at first."""
    shared[1].reset()
    return shared[1]


@pytest.fixture
async def chat(shared: tuple[Chat, Provider], provider: Provider, log: Log) -> AsyncIterator[Chat]:
    """The chat with nobody connected. Whatever the test does, no traceback may be in the log."""
    yield shared[0]
    await shared[0].relay.close_sessions()
    assert log.tracebacks == []


@pytest.fixture
async def chat_with(bundle: Path, log: Log, provider: Provider) -> AsyncIterator[ChatWith]:
    """Starts a chat of the test's own, with these settings besides. It has read nothing of the provider."""
    async with AsyncExitStack() as stack:

        async def started(**besides: Any) -> Chat:
            return await stack.enter_async_context(Chat(settings_with(bundle, provider, **besides)))

        yield started
    assert log.tracebacks == []


def settings_with(bundle: Path, provider: Provider, **besides: Any) -> Settings:
    given = {"port": 0, "client_bundle": bundle, "trusted_proxies": ("*",), **provider.settings()}
    return Settings(**(given | besides))


@pytest.fixture
async def newcomer(chat: Chat, provider: Provider) -> AsyncIterator[Newcomers]:
    made: list[Newcomer] = []

    def somebody(where: Chat | None = None) -> Newcomer:
        made.append(Newcomer(where or chat, provider))
        return made[-1]

    yield somebody
    for each in made:
        await each.closes()
