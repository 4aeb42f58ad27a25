"""A browser that lets the chat keep nothing."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.visitors import Visitor

# What Chromium and Firefox do where a site may keep nothing.
NO_STORAGE = """
const refuse = () => { throw new DOMException("The operation is insecure.", "SecurityError"); };
for (const name of ["localStorage", "sessionStorage", "caches"]) {
  Object.defineProperty(window, name, { get: refuse });
}
// Firefox has neither on the empty page before the first.
if (navigator.locks) navigator.locks.request = async () => refuse();
if (navigator.serviceWorker) navigator.serviceWorker.register = async () => refuse();
"""


def test_without_any_storage_messages_are_sent_and_the_page_says_what_is_lost(
    browser: Browser, url: str, room: str
) -> None:
    ana, ben = Visitor(browser, url), Visitor(browser, url)
    ben.signs_in("Ben", path=f"/rooms/{room}")
    ana.page.add_init_script(NO_STORAGE)
    ana.context.route("**/sio/**", without_cookies)
    ana.opens(f"/rooms/{room}")
    ana.sees_state("Live")
    ana.says("from nowhere")
    ben.sees("from nowhere")
    ana.sees_nothing_on_the_way()
    expect(ana.page.get_by_text("This browser lets the chat keep nothing.")).to_be_visible()
    assert ana.complaints == []


KEEPS_NOTHING = {
    "storage is off": {"dom.storage.enabled": False},
    "all cookies are blocked": {"network.cookie.cookieBehavior": 2},
    "a private window": {"browser.privatebrowsing.autostart": True},
}


@pytest.mark.skipif(os.environ.get("BROWSER") != "firefox", reason="these are Firefox' own settings")
@pytest.mark.parametrize("prefs", KEEPS_NOTHING.values(), ids=KEEPS_NOTHING)
def test_where_firefox_lets_a_site_keep_nothing_messages_are_sent(
    firefox_with: Callable[[dict[str, Any]], Browser], url: str, room: str, prefs: dict[str, Any]
) -> None:
    ana = Visitor(firefox_with(prefs), url)
    ana.opens(f"/rooms/{room}")
    ana.sees_state("Live")
    ana.says("from nowhere")
    ana.sees_in_order("from nowhere")
    ana.sees_nothing_on_the_way()
    assert ana.complaints == []


def without_cookies(route: Route) -> None:
    route.continue_(headers={**route.request.headers, "cookie": ""})
