"""The page at any width, in both colour schemes; and what is said where there is no room."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import SCHEMES
from tests.browser.visitors import Visitor


def test_an_impossible_room_is_said_to_be_none(browser: Browser, url: str) -> None:
    ana = Visitor(browser, url)
    ana.opens("/rooms/No")
    ana.sees_heading("No such room")
    ana.page.get_by_role("link", name="lobby").click()
    ana.sees_state("Live")


@pytest.mark.parametrize("width", [320, 390, 1440])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_fits_any_width_in_both_colour_schemes(
    browser: Browser, url: str, room: str, scheme: str, width: int
) -> None:
    """Nothing sticks out sideways, a long word least of all, and the chosen scheme is kept to."""
    ana = Visitor(browser, url, color_scheme=scheme, viewport={"width": width, "height": 640})
    for path in ("/rooms/No", "/sign-in", f"/rooms/{room}"):
        ana.opens(path)
        assert not ana.has_to_scroll_sideways()
        assert ana.brightness_of_the_page() > 200 if scheme == "light" else ana.brightness_of_the_page() < 60
    ana.sees_state("Live")
    ana.says("A" + "a" * 300)
    ana.sees("A" + "a" * 300)
    assert not ana.has_to_scroll_sideways()
    expect(ana.page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)


def test_nothing_moves_while_the_page_loads_and_people_talk(browser: Browser, url: str, room: str) -> None:
    """The layout shift that browsers measure, without what a person's own input causes."""
    ana, ben = Visitor(browser, url), Visitor(browser, url)
    ana.page.add_init_script(
        "window.shift = 0; new PerformanceObserver((list) => list.getEntries().forEach((entry) => {"
        "if (!entry.hadRecentInput) window.shift += entry.value; }))"
        ".observe({type: 'layout-shift', buffered: true});"
    )
    for person in (ana, ben):
        person.opens(f"/rooms/{room}")
        person.sees_state("Live")
    for text in ("one", "two\nlines", "three"):
        ben.begins_to_type("t")
        ben.says(text)
        ana.sees(text.split("\n")[0])
    assert ana.page.evaluate("window.shift") < 0.02
