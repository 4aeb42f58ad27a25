"""A moderator erases the name of somebody, and what the others see of it."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.members import Member
from tests.browser.test_accessible import violations
from tests.browser.test_moderation import Moderator
from tests.support.waiting import eventually


class MemberAndModerator(Member, Moderator):
    """Somebody who makes rooms, and moderates."""


def sees_no_name(one: Member) -> None:
    """Nowhere on the page, as it is shown."""
    expect(one.page.locator("body")).not_to_contain_text("Zzyzx", use_inner_text=True)


@pytest.mark.parametrize("width", [390, 1440])
def test_an_erased_name_is_gone_from_open_pages_at_once_and_after_a_reload(
    browser: Browser, moderated: str, room: str, width: int
) -> None:
    mia = MemberAndModerator(browser, moderated, viewport={"width": width, "height": 844})
    gone, ben = Member(browser, moderated), Member(browser, moderated)
    for person, name in ((mia, "Mia"), (gone, "Zzyzx"), (ben, "Ben")):
        person.comes_in(name, path=f"/rooms/{room}")
    mia.takes_the_badge()
    mia.sees_state("Live")
    ben.begins_a_conversation(gone)
    ben.says("between us")
    gone.follows("has begun a conversation")
    gone.says("yes?")
    ben.sees("yes?")
    gone.goes_to(room)
    gone.says("first")
    ben.goes_to(room)
    ben.sees("first")
    mia.sees("first")
    dialog = mia.picks_the_message("first")
    with mia.context.expect_page() as opened:
        dialog.get_by_role("link", name="More about them").click()
    page = mia.opens_a_tab()
    page.page.close()
    page.page = opened.value
    page.sees_heading(gone.name)
    page.page.get_by_role("radio", name="It is erased, for good").check()
    assert violations(page) == []
    assert not page.has_to_scroll_sideways()
    page.page.get_by_role("button", name="Put out for good").click()
    page.sees_heading("Erased name")
    assert violations(page) == []

    author = ben.log.get_by_role("listitem").filter(has_text="first").locator(".author")
    expect(author).to_have_text("Erased name")
    expect(author).not_to_have_role("button")
    sees_no_name(ben)
    expect(ben.rooms("Direct messages")).to_have_text(["Erased name"])
    assert violations(ben) == []
    ben.page.locator(".room-link").filter(has_text="Erased name").click()
    ben.sees_heading("Erased name")
    ben.sees("yes?")
    sees_no_name(ben)
    ben.page.reload()
    ben.sees_state("Live")
    sees_no_name(ben)
    ben.page.goto(f"/rooms/{room}")
    ben.sees("first")
    sees_no_name(ben)
    eventually(lambda: "Zzyzx" not in ben.kept(), what="the browser keeps the name no more")


def test_the_page_of_a_person_says_it_in_spanish(browser: Browser, moderated: str) -> None:
    """Of somebody who was put out before."""
    mia = Moderator(browser, moderated, locale="es-ES")
    gone = Member(browser, moderated)
    gone.comes_in("Zzyzx")
    person = gone.page.evaluate("document.getElementById('app').dataset.id")
    mia.opens("/sign-in")
    mia.page.get_by_label("Tu nombre").fill("Mía")
    mia.page.keyboard.press("Enter")
    mia.page.wait_for_url(f"{moderated}/")
    mia.opens("/moderate")
    mia.page.locator("input[name=code]").fill("order, order")
    mia.page.keyboard.press("Enter")
    mia.page.wait_for_url(f"{moderated}/")
    mia.opens(f"/people/{person}")
    mia.page.get_by_role("button", name="Expulsar para siempre").click()
    expect(mia.page.get_by_text("Fuera del chat", exact=True)).to_be_visible()
    assert violations(mia) == []
    mia.page.get_by_role("button", name="Borrar el nombre").click()
    mia.sees_heading("Nombre borrado")
    assert violations(mia) == []
    mia.opens(f"/people/{person}")
    expect(mia.page.get_by_text("Su nombre se está borrando")).to_be_visible()
