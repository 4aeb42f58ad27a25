"""A chat that really listens, on a port of its own, in the tests' event loop."""

import gc
import logging
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest
from chat.settings import Settings
from hypothesis import settings

from tests.unit.chat.events.moderated import CODE as MODERATORS_CODE
from tests.unit.forked import pytest_addoption, pytest_configure, pytest_runtestloop
from tests.unit.once import once_for_all_chats
from tests.unit.wire import Chat, Log

__all__ = ["pytest_addoption", "pytest_configure", "pytest_runtestloop"]

# Nothing is written into the tree, which may be read-only, and a busy machine is no failure.
settings.register_profile("tests", database=None, deadline=None)
settings.load_profile("tests")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """While tests are found nothing is garbage. To look through what was found again and again takes 1 s of a
    processor in each process. It is not frozen: Hypothesis looks for references to what it manages."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def once() -> Iterator[None]:
    with once_for_all_chats():
        yield


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stands in for the Socket.IO client's dist folder."""
    folder = tmp_path_factory.mktemp("bundle")
    (folder / "socket.io.js").write_text("// the client")
    return folder


@pytest.fixture
def log() -> Iterator[Log]:
    """What the process logs during the test, tracebacks included."""
    handler = Log()
    logging.root.addHandler(handler)
    yield handler
    logging.root.removeHandler(handler)


@pytest.fixture(scope="session")
async def worker(bundle: Path) -> AsyncIterator[Chat]:
    """An embedded chat, started once."""
    settings = Settings(
        port=0,
        client_bundle=bundle,
        message_max_chars=40,
        messages_per_second=10_000,
        messages_at_once=10_000,
        bytes_at_once=10**8,
        rooms_per_day=10_000,
    )
    async with Chat(settings) as chat:
        yield chat


@pytest.fixture
async def chat(worker: Chat, log: Log) -> AsyncIterator[Chat]:
    """The chat with nobody connected. Whatever the test sends it, no traceback may be in the log."""
    worker.relay.eio.log_message_keys.clear()
    yield worker
    await worker.relay.close_sessions()
    worker.relay.eio.sockets.clear()
    assert log.tracebacks == []


@pytest.fixture
async def moderated(bundle: Path) -> AsyncIterator[Chat]:
    """A chat with moderators, behind a proxy that names the client's address."""
    settings = Settings(port=0, client_bundle=bundle, admin_code=MODERATORS_CODE, trusted_proxies=("*",))
    async with Chat(settings) as chat:
        yield chat
