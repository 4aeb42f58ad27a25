"""What a first visit takes, what is written while the page loads, and scripts that come late or never."""

import re
from functools import partial

from playwright.sync_api import Browser, Route, expect

from tests.browser.conftest import needs_chromium
from tests.browser.traffic import Traffic
from tests.browser.visitors import Visitor
from tests.support.waiting import eventually

# Of the page and its files, without the Socket.IO client (14 kB). On a slow line each request takes seconds,
# and over HTTP/1.1 a browser makes only six at once.
MOST_REQUESTS = 10
MOST_BYTES = 60_000  # headers and compressed files


@needs_chromium("counts the bytes on the wire")
def test_a_first_visit_takes_few_requests_and_few_bytes(browser: Browser, url: str, room: str) -> None:
    ana = Visitor(browser, url)
    traffic = Traffic(ana.page)
    ana.opens(f"/rooms/{room}")
    ana.sees_state("Live")
    # The page is asked for once more, for when there is no network.
    kept = partial(ana.page.evaluate, "caches.match('/').then(Boolean)")
    eventually(kept, within=10, what="the page is kept")
    page = traffic.of_the_page()
    assert page.requests <= MOST_REQUESTS
    assert page.files + page.headers <= MOST_BYTES


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
