"""The accessibility check (axe) over every page, in light and dark; its rules are axe-core's own."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visitors import Visitor

AXE = Path(os.environ.get("AXE") or Path(__file__).with_name("node_modules") / "axe-core/axe.min.js")
IS_DARK = "matchMedia('(prefers-color-scheme: dark)').matches"
OF_COLOURS = ["color-contrast", "link-in-text-block"]
# What slides or fades has arrived.
SETTLE = """for (const animation of document.getAnimations())
  if (animation.effect.getComputedTiming().endTime < Infinity) animation.finish()"""


def violations(visitor: Visitor) -> list[str]:
    """Those of the page in the scheme it has, and of its colours in the other one, which changes no more."""
    if not visitor.page.evaluate("'axe' in window"):
        visitor.page.evaluate(AXE.read_text())
    found = _run(visitor, "")
    if os.environ.get("BROWSER") == "firefox":  # it has no command that sets a scheme
        return found
    is_dark = visitor.page.evaluate(IS_DARK)
    visitor.page.emulate_media(color_scheme="light" if is_dark else "dark")
    found += [f"in the other scheme, {each}" for each in _run(visitor, f"runOnly: {OF_COLOURS},")]
    visitor.page.emulate_media(color_scheme="dark" if is_dark else "light")
    return found


def _run(visitor: Visitor, options: str) -> list[str]:
    visitor.page.evaluate(SETTLE)
    found: dict[str, Any] = visitor.page.evaluate(
        f"axe.run(document, {{{options} resultTypes: ['violations']}})"
    )
    return [f"{each['id']}: {node['html']}" for each in found["violations"] for node in each["nodes"]]


@pytest.mark.parametrize("width", [390, 1440])
def test_no_violations(browser: Browser, url: str, room: str, width: int) -> None:
    ana = Visitor(browser, url, viewport={"width": width, "height": 800})
    ana.opens("/rooms/No")
    assert violations(ana) == []
    ana.enters("x" * 41)
    expect(ana.page.get_by_text("The name is too long")).to_be_visible()
    assert violations(ana) == []
    ana.signs_in("Ana", path=f"/rooms/{room}")
    ana.says("plain, `code` and https://example.org\n```\na block\n```")
    ana.says("x" * 4001)
    ana.page.get_by_role("alert").filter(has_text="the most is 4000").wait_for()
    assert violations(ana) == []
    ana.says("refused: \a")
    ana.page.get_by_role("button", name="Retry").wait_for()
    assert violations(ana) == []
    ana.page.get_by_role("button", name="What to tell you of this room").click()
    assert violations(ana) == []
    ana.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    ana.page.get_by_role("button", name="Search", exact=True).click()
    assert violations(ana) == []
    ana.opens_the_side()
    assert violations(ana) == []
    ana.page.get_by_role("link", name="Your logins").click()
    expect(ana.page.get_by_role("button", name="End all others")).to_be_visible()
    assert violations(ana) == []
    ana.opens(f"/rooms?find={room}")
    expect(ana.page.get_by_role("link", name=room)).to_be_visible()
    assert violations(ana) == []
    assert not ana.has_to_scroll_sideways()
