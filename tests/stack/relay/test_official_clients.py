"""The official clients talk to relay with every transport: events, answers and bytes, in both directions."""

import re
from collections.abc import AsyncIterator

import pytest
from socketio.exceptions import ConnectionRefusedError as ConnectionRefused

from tests.conformance.clients import (
    EXPECTED,
    JAVASCRIPT,
    PYTHON,
    TRANSPORTS,
    javascript,
    refused_javascript,
)
from tests.conformance.servers import SERVERS, served
from tests.support import relay_document
from tests.support.served import Served


@pytest.fixture
async def url() -> AsyncIterator[str]:
    make, http_protocol = SERVERS["relay"]
    async with served(make(), http_protocol) as server:
        yield server.url.removesuffix("/socket.io/")


@pytest.mark.parametrize("transports", TRANSPORTS, ids=" to ".join)
@pytest.mark.parametrize("package", JAVASCRIPT)
async def test_a_javascript_client_of_any_year_gets_what_it_asked_for(
    package: str, transports: tuple[str, ...], url: str
) -> None:
    assert await javascript(package, url, transports) == {**EXPECTED, "transport": transports[-1]}


@pytest.mark.parametrize("transports", TRANSPORTS, ids=" to ".join)
@pytest.mark.parametrize("client", PYTHON)
async def test_each_python_client_gets_what_it_asked_for(
    client: str, transports: tuple[str, ...], url: str
) -> None:
    assert await PYTHON[client](url, transports) == {**EXPECTED, "transport": transports[-1]}


@pytest.mark.parametrize("package", JAVASCRIPT)
async def test_a_javascript_client_that_is_refused_tries_again_as_the_document_says(package: str) -> None:
    """Whatever its year. `socket.active` would not do: it stays true before 4.4."""
    [code] = re.findall(
        r"^  ```javascript\n(  socket\.on\(\"connect_error.*?)^  ```$",
        relay_document.text(),
        re.MULTILINE | re.DOTALL,
    )
    hasty = code.replace("1000 + 4000 *", "10 *")
    assert hasty != code
    times = 0

    async def connect(sid: str, environ: object) -> None:
        nonlocal times
        times += 1
        if times < 3:
            raise ConnectionRefused("unavailable")

    async with Served() as application:
        application.server.on("connect", connect)
        assert await refused_javascript(package, application.url, hasty) == "let in\n"
    assert times == 3
