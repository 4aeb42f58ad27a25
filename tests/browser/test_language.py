"""The page in the browser's language."""

import re

from playwright.sync_api import Browser, expect

from tests.browser.visitors import Visitor


def test_a_page_is_spanish_where_the_browser_asks_for_it(browser: Browser, url: str, room: str) -> None:
    """Its words, and its dates and numbers. Beside it an English one is in the same room."""
    ana = Visitor(browser, url, locale="es-MX")
    ben = Visitor(browser, url, locale="en-GB")
    ana.opens(f"/rooms/{room}")
    ben.opens(f"/rooms/{room}")
    ana.sees_state("En directo")
    ben.sees_state("Live")
    ben.says("hello")
    ana.sees_in_order("hello")
    assert ana.page.evaluate("document.documentElement.lang") == "es"
    days = "domingo|lunes|martes|miércoles|jueves|viernes|sábado"
    expect(ana.log.locator(".day")).to_have_text(re.compile(f"^({days}),? \\d+ de "))
    expect(ben.log.locator(".day")).to_have_text(re.compile("day,? \\d+ "))
    expect(ana.page.locator("#here")).to_have_text(re.compile("^Con "))
    ana.page.locator("#message").fill("x" * 4001)
    ana.page.locator("#message").press("Enter")
    expect(ana.page.locator("#why")).to_have_text(re.compile("4001 caracteres; el máximo es 4000"))
    for person in (ana, ben):
        assert "undefined" not in person.page.locator("body").inner_text()
