"""Mentions: names that are completed while one writes, and that mean the same person under another name."""

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.test_accessible import violations
from tests.browser.visitors import Visitor


def options(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("listbox", name="People to mention").get_by_role("option")


def test_a_name_is_completed_by_keyboard(browser: Browser, url: str, room: str) -> None:
    """Arrows mark one, Enter or Tab takes it, Escape closes the list, and Enter sends as before."""
    ana, ben, bea = (Visitor(browser, url) for _ in range(3))
    for each, name in ((ben, "Ben Núñez"), (bea, "Bea"), (ana, "Ana")):
        each.signs_in(name, path=f"/rooms/{room}")
    ana.sees_people("Ana", "Bea", "Ben Núñez")
    ana.begins_to_type("hi @b")
    expect(options(ana)).to_have_text(["BBea", "BBen Núñez"])
    assert violations(ana) == []
    ana.page.keyboard.press("ArrowDown")
    expect(options(ana).nth(1)).to_have_attribute("aria-selected", "true")
    ana.page.keyboard.press("Enter")
    expect(ana.message).to_have_value("hi @Ben Núñez ")
    expect(options(ana)).to_have_count(0)
    ana.message.press_sequentially("and @be")
    ana.page.keyboard.press("Escape")
    expect(options(ana)).to_have_count(0)
    ana.message.press_sequentially("a")
    expect(options(ana)).to_have_count(0)  # it is the whole name
    ana.page.keyboard.press("Enter")
    ben.sees_in_order("hi @Ben Núñez and @Bea")
    expect(ben.log.locator(".mention")).to_have_text(["@Ben Núñez", "@Bea"])
    for each in (ben, bea):
        expect(each.log.locator(".mentions")).to_have_count(1)
    expect(ana.log.locator(".mentions")).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1440])
def test_a_name_is_picked_by_a_touch(browser: Browser, url: str, room: str, width: int) -> None:
    """Nothing moves sideways, and the field keeps the focus and its keyboard."""
    size = {"width": width, "height": 844}
    ana, ben = Visitor(browser, url, viewport=size, has_touch=True), Visitor(browser, url)
    ben.signs_in("Ben", path=f"/rooms/{room}")
    ana.signs_in("Ana", path=f"/rooms/{room}")
    ben.sees_people("Ana", "Ben")
    ana.begins_to_type("@")
    option = options(ana).filter(has_text="Ben")
    box = option.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert not ana.has_to_scroll_sideways()
    option.tap()
    expect(ana.message).to_have_value("@Ben ")
    expect(ana.message).to_be_focused()


def test_a_mention_survives_another_name(browser: Browser, url: str, room: str) -> None:
    """It shows the name that the person has now, and is theirs when the name is somebody else's."""
    ana, ben = Visitor(browser, url), Visitor(browser, url)
    ben.signs_in("Ben", path=f"/rooms/{room}")
    ana.signs_in("Ana", path=f"/rooms/{room}")
    ana.sees_people("Ana", "Ben")
    ana.says("@Ben, look")
    ben.sees("@Ben, look")
    ben.signs_in("Benno", path=f"/rooms/{room}")
    other = Visitor(browser, url)
    other.signs_in("Ben", path=f"/rooms/{room}")
    for each in (ben, other, ana):
        each.sees_people("Ana", "Ben", "Benno")
        each.page.reload()
        expect(each.log.locator(".mention")).to_have_text("@Benno")
    expect(ben.log.locator(".mentions")).to_have_count(1)
    expect(other.log.locator(".mentions")).to_have_count(0)
