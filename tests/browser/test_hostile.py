"""Whatever somebody writes is shown as text, and harms neither the page nor what stands beside it."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.crowd import fill
from tests.browser.visitors import Visitor

TEXTS = {
    "markup": "<img src=x onerror=alert(1)><b>bold</b><script>alert(2)</script>&amp;",
    "a template": "{{ 7 * 7 }} ${7 * 7} {% raw %}",
    "bidi": "\u202eevil\u2066 abc \u2069\u202d",
    "a long word": "A" * 4000,
    "many marks": "Z" + "\u0300" * 3000,
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈🇪🇺" * 60,
    "a script's address": "javascript:alert(1) data:text/html,<b>x</b>",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_it_is_text(browser: Browser, url: str, room: str, text: str) -> None:
    ana = Visitor(browser, url, viewport={"width": 390, "height": 800})
    ana.opens(f"/rooms/{room}")
    ana.sees_state("Live")
    ana.says(text)
    ana.sees_in_order(text)
    assert ana.log.locator(".text").evaluate("element => element.childElementCount") == 0
    assert not ana.has_to_scroll_sideways()
    assert ana.complaints == []


def test_a_hostile_name_stays_a_name(browser: Browser, url: str, room: str) -> None:
    ana = Visitor(browser, url)
    ana.signs_in("<i>ש</i>", path=f"/rooms/{room}")
    ana.says("hello")
    expect(ana.log.locator(".author")).to_have_text("<i>ש</i>")
    ana.sees_people("<i>ש</i>")


def test_links_are_links_and_nothing_else_is(browser: Browser, url: str, room: str) -> None:
    ana = Visitor(browser, url)
    ana.opens(f"/rooms/{room}")
    ana.sees_state("Live")
    ana.says("see https://example.org/a?b=1&c=<x>. and `https://no.example` too")
    link = ana.log.locator(".text a")
    expect(link).to_have_count(1)
    expect(link).to_have_attribute("href", "https://example.org/a?b=1&c=")
    expect(link).to_have_attribute("rel", "noopener nofollow")
    expect(ana.log.locator("code")).to_have_text("https://no.example")


def test_code_is_kept_verbatim(browser: Browser, url: str, room: str) -> None:
    ana = Visitor(browser, url)
    ana.opens(f"/rooms/{room}")
    ana.sees_state("Live")
    ana.says("```\nif a < b:\n    return  `x`\n```")
    block = ana.log.locator("pre")
    assert block.text_content() == "if a < b:\n    return  `x`"


def test_a_letter_that_was_written_very_often_can_be_searched(browser: Browser, url: str, room: str) -> None:
    fill(url, room, 60, "a" * 3990 + " {}")
    ana = Visitor(browser, url)
    ana.opens(f"/rooms/{room}")
    expect(ana.log.locator(".message")).to_have_count(60)
    ana.page.get_by_role("button", name="Search", exact=True).click()
    ana.page.get_by_label("Search in what is loaded").fill("a")
    expect(ana.page.get_by_text("1 of 60")).to_be_visible()
    assert ana.complaints == []
