"""Our own page, as people see it."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visitors import Visitor
from tests.support.stack import Stack


def test_what_one_says_appears_once_at_everybody(browser: Browser, stack: Stack, room: str) -> None:
    ana, ben = Visitor(browser, stack.url), Visitor(browser, stack.url)
    for visitor in (ana, ben):
        visitor.opens(room)
        visitor.sees_state("Live")
    ana.says("Is anybody there?")
    ben.sees("Is anybody there?")
    ben.says("I am.")
    for visitor in (ana, ben):
        visitor.sees("Is anybody there?")
        visitor.sees("I am.")
        assert visitor.complaints == [], "neither the scripts nor the content policy complain"
        assert "Connected!" in visitor.console


def test_the_connection_is_seen_to_go_and_to_come_back(browser: Browser, stack: Stack, room: str) -> None:
    ana, ben = Visitor(browser, stack.url), Visitor(browser, stack.url)
    for visitor in (ana, ben):
        visitor.opens(room)
        visitor.sees_state("Live")
    nginx = stack.container("nginx")
    nginx.stop(timeout=1)
    ana.sees_state("Reconnecting…")
    assert "Lost connection to the server." in ana.console
    nginx.start()
    for visitor in (ana, ben):
        visitor.sees_state("Live", within=20)
    ana.says("We are back.")
    ben.sees("We are back.")


def test_markup_stays_text(browser: Browser, stack: Stack, room: str) -> None:
    ana = Visitor(browser, stack.url)
    ana.opens(room)
    ana.sees_state("Live")
    ana.says("<img src=x onerror=alert(1)><b>bold</b>")
    ana.sees("<img src=x onerror=alert(1)><b>bold</b>")
    assert ana.complaints == []


def test_a_refused_message_is_explained_and_given_back(browser: Browser, stack: Stack, room: str) -> None:
    ana = Visitor(browser, stack.url)
    ana.opens(room)
    ana.sees_state("Live")
    ana.says("x" * 4001)
    expect(ana.page.get_by_text("4001 characters")).to_be_visible()
    ana.page.get_by_role("button", name="Edit").click()
    expect(ana.message).to_have_value("x" * 4001)


def test_enter_sends_and_shift_enter_breaks_the_line(browser: Browser, stack: Stack, room: str) -> None:
    ana = Visitor(browser, stack.url)
    ana.opens(room)
    ana.sees_state("Live")
    ana.message.press_sequentially("first")
    ana.message.press("Shift+Enter")
    ana.message.press_sequentially("second")
    ana.message.press("Enter")
    ana.sees("first\nsecond")
    expect(ana.message).to_have_value("")


def test_an_unknown_room_is_said_to_be_unknown(browser: Browser, stack: Stack) -> None:
    ana = Visitor(browser, stack.url)
    ana.opens("/rooms/No%20where")
    ana.sees_heading("No such room")
    ana.page.get_by_role("link", name="lobby").click()
    ana.sees_state("Live")


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_any_width_in_both_colour_schemes(
    browser: Browser, stack: Stack, room: str, scheme: str, width: int
) -> None:
    """Nothing sticks out sideways, a long word least of all, and the chosen scheme is kept to."""
    ana = Visitor(browser, stack.url, color_scheme=scheme, viewport={"width": width, "height": 640})
    for path in ("/rooms/No%20where", room):
        ana.opens(path)
        assert not ana.has_to_scroll_sideways()
        assert ana.brightness_of_the_page() > 200 if scheme == "light" else ana.brightness_of_the_page() < 60
    ana.sees_state("Live")
    ana.says("A" + "a" * 300)
    ana.sees("A" + "a" * 300)
    assert not ana.has_to_scroll_sideways()
    expect(ana.page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)
