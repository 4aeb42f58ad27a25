"""The page where it is hard: scripts that come late or never, no storage, a session that ends."""

import os
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.conftest import CODE, alone
from tests.browser.crowd import fill
from tests.browser.visitors import Visitor
from tests.support.waiting import eventually

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


def test_what_is_written_and_sent_while_the_page_loads_arrives(browser: Browser, url: str, room: str) -> None:
    ana, ben = Visitor(browser, url), Visitor(browser, url)
    ben.signs_in("Ben", path=f"/rooms/{room}")
    held: list[Route] = []
    ana.context.route(re.compile("/js/main.js$"), lambda route: held.append(route))
    ana.page.goto(f"/rooms/{room}", wait_until="commit")
    ana.message.press_sequentially("by the button")
    ana.page.get_by_role("button", name="Send").click()
    ana.message.press_sequentially("by the key")
    ana.page.keyboard.press("Enter")
    ana.message.press_sequentially("and half a tho")
    expect(ana.page).to_have_url(re.compile(f"/rooms/{room}$"))
    eventually(lambda: (ana.page.evaluate("0"), held)[1], within=10, what="the script is asked for")
    held[0].continue_()
    ana.sees_state("Live")
    ben.sees_in_order("by the button", "by the key")
    expect(ana.message).to_have_value("and half a tho")


def test_a_page_whose_scripts_never_come_says_so(browser: Browser, url: str) -> None:
    ana = Visitor(browser, url)
    ana.context.route(re.compile("/js/"), lambda route: route.abort())
    ana.opens("/")
    ana.says("is it there?")
    ana.page.keyboard.press("Enter")
    ana.page.evaluate("for (const animation of document.getAnimations()) animation.currentTime = 20_000")
    expect(ana.page.get_by_text("The page did not load completely.")).to_be_visible()
    assert "?" not in ana.page.url
    expect(ana.message).to_have_value("is it there?")
    ana.context.unroute(re.compile("/js/"))
    ana.page.get_by_role("link", name="Load it again").click()
    ana.sees_state("Live")
    expect(ana.page.get_by_text("The page did not load completely.")).to_have_count(0)


def test_where_one_script_is_never_let_through_the_page_says_so_and_keeps_what_was_written(
    browser: Browser, url: str, room: str
) -> None:
    """A filter that knows the client by its name, for one."""
    ana = Visitor(browser, url)
    ana.context.route(re.compile("/socket.io.esm"), lambda route: route.abort())
    ana.page.goto(f"/rooms/{room}", wait_until="commit")
    ana.message.press_sequentially("sent")
    ana.page.keyboard.press("Enter")
    ana.message.press_sequentially("begun")
    # Before the 15 seconds are over after which it is said in any case: those of the page that opened again.
    opened_again = 'performance.getEntriesByType("navigation")[0].type === "reload"'
    eventually(partial(ana.page.evaluate, opened_again), what="the page opens again")
    expect(ana.page.get_by_text("The page did not load completely.")).to_be_visible(timeout=10_000)
    ana.context.unroute(re.compile("/socket.io.esm"))
    ana.page.get_by_role("link", name="Load it again").click()
    ana.sees_state("Live")
    expect(ana.message).to_have_value("sent\nbegun")


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


def test_a_text_that_is_too_long_is_refused_at_once_and_can_be_shortened(
    browser: Browser, url: str, room: str
) -> None:
    ana = Visitor(browser, url)
    ana.signs_in("Ana", path=f"/rooms/{room}")
    for text in ("x" * 70_000, "\u6f22" * 22_000):
        ana.says(text)
        expect(ana.page.get_by_role("alert").filter(has_text="the most is 4000")).to_be_visible()
        expect(ana.message).to_have_value(text)
    ana.sees_state("Live")
    ana.says("short")
    ana.sees_in_order("short")


def test_another_name_in_one_tab_is_the_name_in_all(browser: Browser, url: str, room: str) -> None:
    ana, ben = Visitor(browser, url), Visitor(browser, url)
    for person, name in ((ana, "Ana"), (ben, "Ben")):
        person.signs_in(name, path=f"/rooms/{room}")
    tab = ana.opens_a_tab()
    tab.signs_in("Anna", path=f"/rooms/{room}")
    expect(ana.page.locator("#name")).to_have_text("Anna")
    ana.says("hello")
    expect(ben.log.locator(".author")).to_have_text(["Anna"])


def test_whoever_is_signed_out_elsewhere_can_take_along_what_was_not_sent(
    browser: Browser, guarded: str
) -> None:
    ana = Visitor(browser, guarded)
    ana.signs_in("Ana", CODE)
    tab = ana.opens_a_tab()
    tab.opens("/")
    tab.sees_state("Live")
    tab.begins_to_type("half a tho")
    ana.signs_out()
    dialog = tab.page.get_by_role("dialog", name="You are signed out")
    expect(dialog.get_by_role("listitem")).to_have_text(["half a tho"])
    dialog.get_by_role("button", name="Take it along").click()
    tab.sees_heading("Come in")
    tab.signs_in("Ana", CODE)
    expect(tab.message).to_have_value("half a tho")


def test_when_the_code_is_another_what_waits_can_be_taken_along_and_nothing_is_left(
    browser: Browser, room: str
) -> None:
    with alone(ACCESS_CODE=CODE) as url:
        ana = Visitor(browser, url)
        ana.signs_in("Ana", CODE, path=f"/rooms/{room}")
        before = ana.page.locator("#app").get_attribute("data-id")
    expect(ana.page.get_by_role("status")).to_contain_text("Reconnecting…")
    ana.says("is anybody there?")
    with alone(ACCESS_CODE="another", PORT=url.rpartition(":")[2]):
        dialog = ana.page.get_by_role("dialog", name="You are signed out")
        expect(dialog.get_by_role("listitem")).to_have_text(["is anybody there?"])
        dialog.get_by_role("button", name="Take it along").click()
        ana.sees_heading("Come in")
        ana.signs_in("Ana", "another", path=f"/rooms/{room}")
        expect(ana.message).to_have_value("is anybody there?")
        kept = ana.page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
        assert not [key for key in kept if f"/{before}/" in key]


def test_a_message_that_is_not_there_is_said_to_be_none(browser: Browser, url: str, room: str) -> None:
    ana = Visitor(browser, url)
    ana.signs_in("Ana", path=f"/rooms/{room}")
    ana.says("the only one")
    ana.sees_nothing_on_the_way()
    ana.opens(f"/rooms/{room}#77")
    expect(ana.page.get_by_role("alert").filter(has_text="There is no message 77")).to_be_visible()


@pytest.mark.parametrize("place", ["0", "abc", "007", "99999999999999999", "9999999999999999"])
def test_what_is_no_message_in_an_address_is_said_to_be_none(
    browser: Browser, url: str, room: str, place: str
) -> None:
    ana = Visitor(browser, url)
    ana.signs_in("Ana", path=f"/rooms/{room}")
    ana.says("the only one")
    ana.sees_nothing_on_the_way()
    ana.page.evaluate("place => location.hash = place", place)
    expect(ana.page.get_by_role("alert").filter(has_text="There is no message")).to_be_visible()


def test_a_message_that_nobody_could_ask_for_is_not_said_to_be_none(
    browser: Browser, url: str, room: str
) -> None:
    fill(url, room, 300)
    ana = Visitor(browser, url)
    ana.page.clock.install()
    ana.signs_in("Ana", path=f"/rooms/{room}")
    ana.sees("message 299")
    ana.page.evaluate(
        """() => {
          const send = WebSocket.prototype.send;
          WebSocket.prototype.send = function (data) {
            if (!String(data).includes('"history"')) send.call(this, data);
          };
          location.hash = "5";
        }"""
    )
    ana.page.clock.fast_forward("00:15")
    expect(ana.page.get_by_role("alert").filter(has_text="did not tell")).to_be_visible()


def test_notices_that_the_browser_denies_are_said_to_be_denied(browser: Browser, url: str) -> None:
    ana = Visitor(browser, url)
    ana.page.add_init_script("Notification.requestPermission = async () => 'denied'")
    ana.signs_in("Ana")
    ana.page.get_by_label("Tell me when I am mentioned").click()
    expect(
        ana.page.get_by_role("alert").filter(has_text="does not let the chat show notices")
    ).to_be_visible()
    expect(ana.page.get_by_label("Tell me when I am mentioned")).not_to_be_checked()


def test_the_line_above_what_is_new_moves_on_once_all_was_read(browser: Browser, url: str, room: str) -> None:
    ana, ben = Visitor(browser, url), Visitor(browser, url)
    for person, name in ((ana, "Ana"), (ben, "Ben")):
        person.signs_in(name, path=f"/rooms/{room}")
    for text in ("first", "second"):
        ana.page.evaluate(HIDE, True)
        ben.says(text)
        ana.sees(text)
        expect(ana.log.locator(".message:has(.fresh) .text")).to_have_text(text)
        ana.page.evaluate(HIDE, False)
        eventually(partial(ana.page.evaluate, READ), within=10, what="it was read")


HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  const state = hidden ? "hidden" : "visible";
  Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
READ = """() => {
  const name = location.pathname.replace("/rooms", "read");
  const mark = Object.keys(localStorage).find((key) => key.endsWith(name));
  const shown = document.querySelectorAll("#messages .message").length;
  return mark && JSON.parse(localStorage[mark]).seq === shown;
}"""
