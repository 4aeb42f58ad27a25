"""Programs: a moderator makes a token on the page, and ends it."""

import re

import pytest
import socketio
from playwright.sync_api import Browser, expect

from tests.browser.conftest import ADMIN_CODE, SCHEMES, alone
from tests.browser.test_accessible import violations
from tests.browser.test_moderation import Moderator
from tests.browser.visitors import Visitor
from tests.support.waiting import eventually


def comes_in(browser: Browser, url: str) -> Moderator:
    mia = Moderator(browser, url)
    mia.signs_in("Mia")
    mia.takes_the_badge()
    mia.sees_state("Live")
    return mia


def makes_a_token(person: Visitor, name: str, good_for: str = "90 days") -> str:
    person.page.get_by_label("Name of the program").fill(name)
    person.page.get_by_label("The token is good for").select_option(good_for)
    person.page.get_by_role("button", name="Make a token").click()
    person.sees_heading(f"Token of {name}")
    return person.page.get_by_label("Token", exact=True).input_value()


def test_a_bot_talks_until_its_token_is_ended(browser: Browser, moderated: str) -> None:
    mia, ann = comes_in(browser, moderated), Visitor(browser, moderated)
    ann.signs_in("Ann")
    mia.opens_the_side()
    mia.page.get_by_role("link", name="Your logins").click()
    mia.page.get_by_role("link", name="Programs").click()
    expect(mia.page.get_by_text("None yet")).to_be_visible()
    token = makes_a_token(mia, "Weather bot")
    with socketio.SimpleClient() as bot:
        bot.connect(moderated, auth={"token": token}, socketio_path="sio/socket.io")
        bot.call("message", "It rains.")
        ann.sees("It rains.")
        row = ann.log.get_by_role("listitem").filter(has_text="It rains.")
        expect(row.locator(".byline")).to_contain_text("Weather bot Program")
        ann.sees_people("Ann", "Weather bot")
        mia.page.get_by_role("link", name="Go back").click()
        row = mia.page.get_by_role("listitem").filter(has_text="Weather bot")
        expect(row).to_contain_text("token made by Mia")
        expect(row).to_contain_text("ends in 90 d")
        mia.page.get_by_role("button", name="End: Weather bot").click()
        expect(mia.page.get_by_text("None yet")).to_be_visible()
        eventually(lambda: not bot.client.connected, within=10, what="the bot is put out")
    ann.sees_people("Ann")
    assert mia.complaints == ann.complaints == []


def test_by_keyboard_and_without_scripts(browser: Browser) -> None:
    with alone(GUESTS="off", ADMIN_CODE=ADMIN_CODE) as url:
        mia = Visitor(browser, url, java_script_enabled=False)
        keys = mia.page.keyboard
        mia.opens("/moderate")
        mia.page.get_by_label("Your name").fill("Mia")
        mia.page.get_by_label("Moderators' code").fill(ADMIN_CODE)
        mia.page.get_by_role("button", name="Moderate").click()
        mia.opens("/programs")
        tab_to_here = mia.page.get_by_label("Name of the program")
        keys.press("Tab")
        keys.press("Tab")
        expect(tab_to_here).to_be_focused()
        keys.type("Bridge")
        keys.press("Enter")
        mia.sees_heading("Token of Bridge")
        before = mia.page.get_by_label("Token", exact=True).input_value()
        mia.opens("/programs")
        mia.page.get_by_role("button", name="Renew: Bridge").press("Enter")
        mia.sees_heading("Token of Bridge")
        after = mia.page.get_by_label("Token", exact=True).input_value()
        assert (before == after, before[:25] == after[:25]) == (False, True)
        assert re.fullmatch(r"tertulia_[0-9a-f]{16}_[a-z2-7]{26}", after)


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_pages_of_programs_are_accessible(
    browser: Browser, moderated: str, scheme: str, width: int
) -> None:
    size = {"width": width, "height": 844}
    mia = Moderator(browser, moderated, color_scheme=scheme, viewport=size)
    mia.signs_in("Mia")
    mia.takes_the_badge()
    mia.sees_state("Live")

    def is_fine(heading: str) -> None:
        mia.sees_heading(heading)
        assert violations(mia) == []
        assert not mia.has_to_scroll_sideways()

    mia.opens("/programs")
    is_fine("Programs")
    makes_a_token(mia, "A bot whose name is rather long and wide")
    is_fine("Token of A bot whose name is rather long and wide")
    mia.opens("/programs")
    mia.page.get_by_label("Name of the program").fill("x" * 41)
    mia.page.get_by_role("button", name="Make a token").click()
    expect(mia.page.get_by_text("The name is too long")).to_be_visible()
    is_fine("Programs")
