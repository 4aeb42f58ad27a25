"""The official clients talk to relay with every transport: events, answers and bytes, in both directions."""

from collections.abc import AsyncIterator

import pytest

from tests.conformance.clients import EXPECTED, JAVASCRIPT, PYTHON, TRANSPORTS, javascript
from tests.conformance.servers import SERVERS, served


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
