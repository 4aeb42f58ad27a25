"""The address of a message that is not there."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.crowd import fill
from tests.browser.visitors import Visitor


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
