"""Private rooms on a phone, by keyboard, for those who do not see, and in Spanish."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.members import Member, come_in
from tests.browser.test_accessible import violations
from tests.browser.test_keyboard import tab_to

NOWHERE = f"p-{'a' * 26}"


def test_on_a_phone(browser: Browser, url: str, title: str) -> None:
    """All of it, by touch."""
    phone = Member(browser, url, viewport={"width": 390, "height": 800}, has_touch=True)
    ben = Member(browser, url)
    phone.comes_in("Ana")
    ben.comes_in("Ben")
    phone.makes_a_private_room(
        title, "A topic that is long enough to be cut off where the window is as narrow"
    )
    phone.page.get_by_role("button", name="Members").tap()
    dialog = phone.page.get_by_role("dialog", name="Members of")
    expect(dialog.get_by_text("as narrow")).to_be_in_viewport()
    dialog.get_by_label("Name").fill(ben.name)
    dialog.get_by_role("button", name="Add").tap()
    dialog.get_by_role("button", name="Close").tap()
    assert not phone.has_to_scroll_sideways()
    ben.follows("has added you")
    ben.says("here I am")
    phone.log.get_by_role("button", name=ben.name).tap()
    phone.page.get_by_role("button", name=f"Message {ben.name}").tap()
    phone.sees_heading(ben.name)
    phone.says("psst")
    ben.sees_unread(phone.name, 1)


def test_by_keyboard_alone(browser: Browser, url: str, title: str) -> None:
    ana, ben = come_in(browser, url, "Ana", "Ben")
    page, keys = ana.page, ana.page.keyboard
    tab_to(ana, page.get_by_label("Go to a room, or make one"), back=True)
    keys.type(title)
    tab_to(ana, page.get_by_role("radio", name="Open"))
    keys.press("ArrowRight")
    tab_to(ana, page.get_by_role("textbox", name="Topic", exact=True))
    keys.type("Spring")
    keys.press("Enter")
    ana.sees_heading(title)
    expect(ana.message).to_be_focused()
    ana.sees_state("Live")

    opener = page.get_by_role("button", name="Members")
    tab_to(ana, opener, back=True)
    keys.press("Enter")
    dialog = page.get_by_role("dialog", name="Members of")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    tab_to(ana, dialog.get_by_label("Name"), back=True)
    keys.type(ben.name)
    tab_to(ana, dialog.get_by_role("button", name=f"Add {ben.name}"))
    keys.press("Enter")
    expect(dialog.get_by_label("Name")).to_be_focused()
    tab_to(ana, dialog.get_by_role("button", name=f"Remove {ben.name}"), back=True)
    keys.press("Enter")
    expect(page.get_by_role("alertdialog").get_by_role("button", name="Remove")).to_be_focused()
    keys.press("Escape")
    expect(dialog.get_by_role("button", name=f"Remove {ben.name}")).to_be_focused()
    keys.press("Escape")
    expect(opener).to_be_focused()

    ben.follows("has added you")
    ben.says("here I am")
    ana.sees("here I am")
    ana.message.focus()
    tab_to(ana, ana.log.get_by_role("button", name=ben.name), back=True)
    keys.press("Enter")
    expect(page.get_by_role("button", name=f"Message {ben.name}")).to_be_focused()
    keys.press("Escape")
    expect(ana.log.get_by_role("button", name=ben.name)).to_be_focused()
    keys.press("Enter")
    keys.press("Enter")
    ana.sees_heading(ben.name)
    expect(ana.message).to_be_focused()


@pytest.mark.parametrize("width", [390, 1440])
def test_all_of_it_is_accessible(browser: Browser, url: str, title: str, width: int) -> None:
    ana = Member(browser, url, viewport={"width": width, "height": 800})
    ben = Member(browser, url)
    ana.comes_in("Ana")
    ben.comes_in("Ben")
    ana.opens_the_side()
    ana.page.get_by_label("Go to a room, or make one").fill(title)
    ana.page.get_by_role("radio", name="Private").check()
    assert violations(ana) == []
    ana.makes_a_private_room(title, "Spring")
    ana.says("hello")
    ana.sees("hello")
    assert violations(ana) == []
    ana.adds(ben)
    ben.follows("has added you")
    ben.begins_a_conversation(ana)
    expect(ana.page.get_by_role("link", name="has begun a conversation with you")).to_be_visible()
    assert violations(ana) == []
    ana.page.get_by_role("button", name="Change title and topic").click()
    assert violations(ana) == []
    ana.page.keyboard.press("Escape")
    dialog = ana.opens_the_members()
    assert violations(ana) == []
    dialog.get_by_role("button", name="Remove").click()
    assert violations(ana) == []
    ana.answers("Remove")
    ana.page.keyboard.press("Escape")
    ana.opens(f"/rooms/{NOWHERE}")
    expect(ana.page.get_by_text("There is no such room.")).to_be_visible()
    assert violations(ana) == []


def test_a_spanish_page_says_it_in_spanish(browser: Browser, url: str, title: str) -> None:
    ana = Member(browser, url, locale="es-ES")
    ben = Member(browser, url)
    ben.comes_in("Ben")
    ana.opens("/")
    ana.sees_state("En directo")
    ana.page.get_by_label("Ir a una sala o crear una").fill(title)
    ana.page.get_by_role("radio", name="Privada").check()
    expect(ana.page.get_by_text("Solo la ve quien sus miembros añadan.")).to_be_visible()
    ana.page.keyboard.press("Enter")
    ana.sees_heading(title)
    ana.page.get_by_role("button", name="Miembros").click()
    ana.page.get_by_role("button", name=f"Añadir a {ben.name}").click()
    ana.page.get_by_role("button", name=f"Quitar a {ben.name}").click()
    expect(ana.page.get_by_role("alertdialog")).to_have_accessible_name(
        re.compile(f"¿Quitar a .{ben.name}.\\?")
    )
    ana.page.get_by_role("button", name="Cancelar").last.click()
    ben.follows("has added you")
    ben.says("hola")
    ana.sees("hola")
    assert "undefined" not in ana.page.locator("body").inner_text()
