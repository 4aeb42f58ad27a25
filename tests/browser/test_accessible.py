"""The accessibility check (axe) over every page, in light and dark; its rules are axe-core's own."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import SCHEMES
from tests.browser.visitors import Visitor

AXE = Path(os.environ.get("AXE") or Path(__file__).with_name("node_modules") / "axe-core/axe.min.js")


def violations(visitor: Visitor) -> list[str]:
    visitor.page.evaluate(AXE.read_text())
    found: dict[str, Any] = visitor.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{each['id']}: {node['html']}" for each in found["violations"] for node in each["nodes"]]


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_violations(browser: Browser, url: str, room: str, scheme: str, width: int) -> None:
    ana = Visitor(browser, url, color_scheme=scheme, viewport={"width": width, "height": 800})
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
    ana.page.wait_for_timeout(300)  # the drawer has slid in
    assert violations(ana) == []
    ana.page.get_by_role("link", name="Your logins").click()
    expect(ana.page.get_by_role("button", name="End all others")).to_be_visible()
    assert violations(ana) == []
