"""A room of more people than the page names."""

import pytest
from playwright.sync_api import Browser, expect
from relay.delivery.people import FIRST, LISTED

from tests.browser.crowd import present
from tests.browser.visitors import Visitor

WORDS = {"en-GB": ("Here", "and {} more", "others"), "es-MX": ("Aquí", "y {} más", "más")}


@pytest.mark.parametrize("width", [390, 1440])
def test_of_a_large_room_the_first_people_are_named_and_the_others_counted(
    browser: Browser, url: str, room: str, width: int
) -> None:
    """In every language, on a phone and on a desk."""
    names = [f"a person {number:03}" for number in range(LISTED + 1)]
    with present(url, room, names):
        for number, (locale, (heading, more, others)) in enumerate(WORDS.items()):
            ana = Visitor(browser, url, locale=locale, viewport={"width": width, "height": 800})
            ana.opens(f"/rooms/{room}")
            if width < 1000:
                ana.opens_the_side()
            count = len(names) + number + 1
            expect(ana.page.locator("#people-heading")).to_have_text(f"{heading} {count}")
            expect(ana.page.locator("#people .name")).to_have_text(names[:FIRST])
            expect(ana.page.locator("#people-more")).to_have_text(more.format(count - FIRST))
            expect(ana.page.locator("#here")).to_contain_text(f"{count - 4} {others}")
            assert not ana.has_to_scroll_sideways()
