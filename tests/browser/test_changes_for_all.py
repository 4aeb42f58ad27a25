"""Edits, reactions and replies on a phone, by keyboard, and for those who do not see."""

import secrets

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import needs_chromium
from tests.browser.talkers import ACT, Talker, talk
from tests.browser.test_accessible import violations
from tests.browser.test_keyboard import tab_to

MARK = secrets.token_hex(2)
ADA, BO = f"Ada {MARK}", f"Bo {MARK}"


def test_everything_by_keyboard_alone(browser: Browser, url: str, room: str) -> None:
    """From the field back to the message: its bar, its menu, the picker, its reactions."""
    ada, bo = talk(browser, url, room, ADA, BO)
    bo.says("by keys")
    ada.sees("by keys")
    page, keys = ada.page, ada.page.keyboard
    ada.message.focus()
    tab_to(ada, ada.row("by keys").get_by_role("button", name=ACT), back=True)
    tab_to(ada, ada.row("by keys").get_by_role("button", name="React", exact=True), back=True)
    keys.press("Enter")
    expect(page.get_by_label("Search emoji")).to_be_focused()
    assert violations(ada) == []
    keys.type("rocket")
    keys.press("Enter")
    ada.sees_reactions("by keys", "[🚀1]")
    tab_to(ada, ada.reaction("by keys", "🚀"), back=True)
    expect(page.get_by_role("tooltip")).to_have_text(f"🚀 \u2068{ADA}\u2069")
    expect(ada.reaction("by keys", "🚀")).to_have_accessible_name("🚀: 1 reaction")
    keys.press("Enter")
    ada.sees_reactions("by keys")
    expect(ada.row("by keys").locator(".at")).to_be_focused()
    tab_to(ada, ada.row("by keys").get_by_role("button", name=ACT))
    keys.press("Enter")
    expect(page.get_by_role("button", name="React with 👍").last).to_be_focused()
    assert violations(ada) == []
    keys.press("Enter")
    bo.sees_reactions("by keys", "👍1")
    tab_to(ada, ada.row("by keys").get_by_role("button", name="Reply"), back=True)
    keys.press("Enter")
    expect(ada.message).to_be_focused()
    expect(page.get_by_text("In reply to").locator("..")).to_contain_text("by keys")
    keys.press("Escape")
    expect(page.locator(".replying")).to_be_hidden()
    assert violations(ada) == []


@needs_chromium("emulates a phone")
def test_everything_on_a_phone(browser: Browser, url: str, room: str) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    ada, bo = Talker(browser, url, **phone), Talker(browser, url)
    for each, name in ((bo, BO), (ada, ADA)):
        each.signs_in(name, path=f"/rooms/{room}")
    bo.says("on the train")
    ada.sees("on the train")

    def open_menu(text: str) -> None:
        ada.row(text).get_by_role("button", name=ACT).tap()

    open_menu("on the train")
    assert violations(ada) == []
    ada.page.get_by_role("button", name="Pick an emoji").tap()
    assert violations(ada) == []
    ada.page.get_by_role("button", name="grinning face", exact=True).tap()
    ada.sees_reactions("on the train", "[😀1]")
    ada.reaction("on the train", "😀").tap()
    bo.sees_reactions("on the train")
    open_menu("on the train")
    ada.page.get_by_role("button", name="Reply").tap()
    ada.message.fill("on the bus")
    ada.page.get_by_role("button", name="Send").tap()
    bo.sees_quote("on the bus", BO, "on the train")
    ada.sees("on the bus")
    open_menu("on the bus")
    ada.page.get_by_role("button", name="Edit").tap()
    ada.page.get_by_label("The message's new text").fill("on the tram")
    ada.page.get_by_role("button", name="Save").tap()
    bo.sees_edited("on the tram")
    open_menu("on the tram")
    ada.page.get_by_role("button", name="Delete").tap()
    ada.page.get_by_role("alertdialog").get_by_role("button", name="Delete").tap()
    bo.sees_in_order("on the train", "Message deleted")
    assert not ada.has_to_scroll_sideways()


@needs_chromium("touches for long")
def test_who_reacted_is_told_to_whoever_presses_for_long(browser: Browser, url: str, room: str) -> None:
    """That is no press: the reaction stays as it is. A touch elsewhere ends it."""
    ada, bo = Talker(browser, url, has_touch=True, is_mobile=True), Talker(browser, url)
    for each, name in ((bo, BO), (ada, ADA)):
        each.signs_in(name, path=f"/rooms/{room}")
    bo.says("press me")
    bo.sees("press me")
    bo.reacts("press me", "👍")
    ada.sees_reactions("press me", "👍1")
    ada.reaction("press me", "👍").scroll_into_view_if_needed()
    box = ada.reaction("press me", "👍").bounding_box()
    assert box is not None
    finger = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    touches = ada.context.new_cdp_session(ada.page)
    touches.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [finger]})
    tip = ada.page.get_by_role("tooltip")
    expect(tip).to_have_text(f"👍 \u2068{BO}\u2069")
    touches.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(tip).to_be_visible()
    ada.sees_reactions("press me", "👍1")
    ada.log.locator(".text").tap()
    expect(tip).to_be_hidden()
    ada.reaction("press me", "👍").tap()
    bo.sees_reactions("press me", "[👍2]")


@pytest.mark.parametrize("colours", ["light", pytest.param("dark", marks=needs_chromium("sets a scheme"))])
def test_a_message_with_all_that_there_is_is_accessible(
    browser: Browser, url: str, room: str, colours: str
) -> None:
    ada, bo = Talker(browser, url, color_scheme=colours), Talker(browser, url, color_scheme=colours)
    for each, name in ((ada, f"بدر {MARK}"), (bo, BO)):
        each.signs_in(name, path=f"/rooms/{room}")
    ada.says("what now")
    bo.sees("what now")
    bo.replies("what now", "this")
    bo.sees("this")
    for emoji in ("👍", "❤️", "😂"):
        bo.reacts("this", emoji)
    bo.edits("this", "that")
    ada.sees_edited("that")
    ada.sees_reactions("that", "👍1", "❤️1", "😂1")
    ada.row("that").hover()
    expect(ada.row("that").get_by_role("button", name="Reply")).to_be_visible()
    assert violations(ada) == []
