"""The guide's own page and script, word for word (guide.html), work against our stack."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import needs_chromium
from tests.browser.guide_readers import Reader
from tests.support.session import Session
from tests.support.stack import Stack

TRANSPORTS = {"polling": ["polling"], "websocket": ["websocket"], "upgrade": ["polling", "websocket"]}
# By its frames one sees which way a session goes.
EACH = [
    pytest.param(name, marks=[needs_chromium("tells of WebSocket frames")] if "websocket" in by else [])
    for name, by in TRANSPORTS.items()
]


@pytest.mark.parametrize("bens", EACH)
@pytest.mark.parametrize("anas", EACH)
def test_two_readers_on_different_workers_hear_each_other_once(
    browser: Browser, stack: Stack, anas: str, bens: str
) -> None:
    ana = Reader(browser, stack.url, TRANSPORTS[anas])
    ben = Reader(browser, stack.url, TRANSPORTS[bens])
    ana.arrives()
    for number in range(10):
        ben.arrives()
        if ben.route != ana.route:
            break
        if number % 2:  # a visit may take as many turns as there are workers, and come to the same again
            Session(stack.url)
    assert {ana.route, ben.route} == set(stack.workers()), "they sit on different workers"

    ana.says("Is anybody there?")
    ben.sees_only("Is anybody there?")
    ana.sees_only("Is anybody there?")
    ben.says("I am.")
    for reader in (ana, ben):
        reader.sees_only("Is anybody there?", "I am.")
    ana.went_by(TRANSPORTS[anas])
    ben.went_by(TRANSPORTS[bens])
