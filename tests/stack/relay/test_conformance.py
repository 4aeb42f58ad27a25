"""Relay passes the official protocol suites, but for the cases named here, each for a reason."""

from collections.abc import AsyncIterator

import pytest

from tests.conformance.cases import CASES, Case
from tests.conformance.servers import SERVERS, Served, served

DIFFERENT = {
    "another_method_opens_no_session",  # PUT is answered 405 with `Allow`, as in RFC 9110, and not 400
    # HTTP clients and proxies repeat a poll. The newer one ends the older one, and the session lives on.
    "a_second_poll_at_the_same_time_ends_the_session",
    # A poll whose connection broke took nothing. The next one gets it, and the session lives on.
    "a_poll_that_is_given_up_ends_the_session",
}


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Served]:
    make, http_protocol = SERVERS["relay"]
    async with served(make(), http_protocol) as server:
        yield server


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
async def test_relay_does_as_the_protocols_ask(case: Case, server: Served) -> None:
    if case.__name__ not in DIFFERENT:
        await case(server)
        return
    with pytest.raises(AssertionError):
        await case(server)
