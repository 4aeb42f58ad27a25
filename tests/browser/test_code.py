"""A chat that asks for an access code."""

from playwright.sync_api import Browser, expect

from tests.browser.conftest import CODE
from tests.browser.visitors import Visitor


def test_the_code_is_asked_once(browser: Browser, guarded: str) -> None:
    ana = Visitor(browser, guarded)
    ana.opens("/rooms/tea")
    expect(ana.page).to_have_url(f"{guarded}/sign-in?next=/rooms/tea")
    ana.page.get_by_label("Your name").fill("Ana")
    ana.page.get_by_label("Access code").fill(CODE)
    ana.page.keyboard.press("Enter")
    ana.is_in("tea")
    ana.sees_state("Live")
    ana.page.get_by_role("link", name="Change name").click()
    expect(ana.page.get_by_label("Access code")).to_have_count(0)


def test_a_wrong_code_is_said_beside_its_field_and_the_name_stays(browser: Browser, guarded: str) -> None:
    ana = Visitor(browser, guarded)
    ana.enters("Ana", code="guess")
    field = ana.page.get_by_label("Access code")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description("This is not the access code.")
    expect(ana.page.get_by_label("Your name")).to_have_value("Ana")


def test_whoever_signs_out_is_asked_again_in_every_tab(browser: Browser, guarded: str) -> None:
    eva = Visitor(browser, guarded)
    eva.signs_in("Eva", code=CODE)
    tab = eva.opens_a_tab()
    tab.opens("/")
    tab.sees_state("Live")
    eva.signs_out()
    for each in (eva, tab):
        expect(each.page.get_by_label("Access code")).to_be_visible()
