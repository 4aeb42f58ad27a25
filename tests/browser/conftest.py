"""The browsers, as Debian has them, and where the chat is."""

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.network import stack_for_browsers
from tests.conftest import running
from tests.support.stack import Stack
from tests.support.waiting import PATIENCE, eventually

EXECUTABLE = "/usr/bin/chromium-headless-shell"
FIREFOX = Path(__file__).with_name("firefox.py")
# Without a screen Firefox takes itself for a telephone, where no field is focused; 6 is a mouse.
MOUSE: dict[str, Any] = {"ui.primaryPointerCapabilities": 6, "ui.allPointerCapabilities": 6}
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


expect.set_options(timeout=PATIENCE * 1000)


def needs_chromium(command: str) -> pytest.MarkDecorator:
    """For a test that gives the browser a command that Firefox does not know; `command` is what it does."""
    reason = f"Firefox' WebDriver BiDi has no command that {command}"
    return pytest.mark.skipif(os.environ.get("BROWSER") == "firefox", reason=reason)


SCHEMES = ["light", pytest.param("dark", marks=needs_chromium("sets a colour scheme"))]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One for all tests of this folder: each has profiles of its own in it. While Playwright is open, no
    other event loop can run on this thread. With BROWSER=firefox it is Firefox, for the tests that need
    nothing of Chromium's own protocol."""
    with sync_playwright() as playwright:
        if os.environ.get("BROWSER") == "firefox":
            browser = playwright.firefox.launch(
                channel="moz-firefox", executable_path=FIREFOX, firefox_user_prefs=MOUSE
            )
        else:
            browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def firefox_with(chromium: Browser) -> Iterator[Callable[[dict[str, Any]], Browser]]:
    """Another Firefox, with these settings (as about:config has them)."""
    with ExitStack() as open_ones:

        def with_settings(settings: dict[str, Any]) -> Browser:
            browser = chromium.browser_type.launch(
                channel="moz-firefox", executable_path=FIREFOX, firefox_user_prefs=MOUSE | settings
            )
            open_ones.callback(browser.close)
            return browser

        yield with_settings


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """A browser in which nobody is; who comes in is gone after the test."""
    yield chromium
    for context in chromium.contexts:
        context.close()


@pytest.fixture(scope="session")
def whole_stack() -> Iterator[Stack]:
    """A stack of the browsers' own: the tests of tests/stack run beside them."""
    with running(stack_for_browsers()) as stack:
        yield stack


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    """Where the chat is: CHAT_URL, or else the stack, which is started for it."""
    return os.environ.get("CHAT_URL") or str(request.getfixturevalue("stack").url)


@pytest.fixture
def room() -> str:
    """A room in which nobody has said anything."""
    return f"test-{secrets.token_hex(4)}"


@pytest.fixture
def title() -> str:
    """Of a private room, in a script of its own."""
    return f"Plänung für März {secrets.token_hex(3)}"


CODE = "open sesame"


ADMIN_CODE = "order, order"


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    """A chat of its own that asks for the code. Nobody else can take the name of somebody who was let in."""
    with alone(ACCESS_CODE=CODE) as url:
        yield url


@pytest.fixture
def moderated() -> Iterator[str]:
    """A chat of its own that has moderators, whose names nobody else can take in it any more."""
    with alone(ADMIN_CODE=ADMIN_CODE) as url:
        yield url


@pytest.fixture
def strict() -> Iterator[str]:
    """A chat of its own in which a person may send three messages at once."""
    with alone(MESSAGES_PER_SECOND="1", MESSAGES_AT_ONCE="3") as url:
        yield url


@contextmanager
def alone(**settings: str) -> Iterator[str]:
    """The address of a chat of one process, as one has it without nginx and Redis."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = settings.get("PORT", free.getsockname()[1])
    url = f"http://127.0.0.1:{port}"
    web = Path(__file__).parents[2] / "web"
    settings |= {"PYTHONPATH": f"{web}:{os.environ.get('PYTHONPATH', '')}", "PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "chat"], env=os.environ | settings)
    try:
        eventually(lambda: httpx.get(f"{url}/health/live").is_success, what="the chat answers")
        yield url
    finally:
        process.terminate()
        process.wait()
