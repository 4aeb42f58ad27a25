"""Chromium, as Debian has it."""

import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

# The tests run as root in a container without a GPU; the rest keeps Chromium from calling home.
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A page that Playwright serves (the guide's) counts as the internet's, which may not talk to loopback.
    "--disable-features=LocalNetworkAccessChecks",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Gone with its module: while Playwright is open, no other event loop can run on this thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """A browser in which nobody is; who comes in is gone after the test."""
    yield chromium
    for context in chromium.contexts:
        context.close()


@pytest.fixture
def room() -> str:
    """The address of a room in which nobody has said anything yet."""
    return f"/rooms/test-{secrets.token_hex(4)}"
