"""Roles on the page: the owner's link, and what an owner does at a name."""

import pytest
from chat.people.ticket import new_secret
from playwright.sync_api import Browser, expect

from tests.browser.test_accessible import violations
from tests.browser.test_moderation import Moderator
from tests.browser.visitors import Visitor
from tests.support.stack import Stack
from tests.support.waiting import eventually


def makes_an_owner(stack: Stack, person: Visitor, name: str) -> None:
    """By the command line, as soon as the server keeps them."""
    person.signs_in(name)
    appoint = ["exec", "-T", "web", "/usr/local/bin/python", "-m", "chat.appoint", "owner", name]
    eventually(lambda: stack.compose(*appoint), what="the server keeps them")
    person.page.reload()
    person.sees_state("Live")


@pytest.mark.parametrize("width", [390, 1440])
def test_an_owner_makes_a_moderator_at_a_name(browser: Browser, stack: Stack, room: str, width: int) -> None:
    """Which holds in the tab that is open, and ends the same way."""
    olga = Moderator(browser, stack.url, viewport={"width": width, "height": 844})
    ann = Visitor(browser, stack.url)
    makes_an_owner(stack, olga, f"Olga {new_secret()[:6]}")
    name = f"Ann {new_secret()[:6]}"
    ann.signs_in(name, path=f"/rooms/{room}")
    olga.opens(f"/rooms/{room}")
    ann.says("hello")
    olga.sees("hello")
    dialog = olga.picks_the_message("hello")
    with olga.context.expect_page() as opened:
        dialog.get_by_role("link", name="More about them").click()
    page = olga.opens_a_tab()
    page.page.close()
    page.page = opened.value
    page.sees_heading(name)
    assert violations(page) == []
    assert not page.has_to_scroll_sideways()
    page.page.get_by_role("button", name="Make a moderator").click()
    expect(page.page.get_by_role("button", name="Take the role")).to_be_visible()
    expect(ann.page.get_by_role("button", name="Rules and moderation")).to_be_visible()
    expect(ann.page.locator(".person", has_text=name).get_by_role("img", name="Moderator")).to_have_count(1)
    page.page.get_by_role("link", name="Who moderates").click()
    page.sees_heading("Who moderates")
    assert violations(page) == []
    page.page.get_by_role("link", name=name).click()
    page.page.get_by_role("button", name="Take the role").click()
    expect(ann.page.get_by_role("button", name="Rules and moderation")).to_be_hidden()


@pytest.mark.parametrize("width", [390, 1440])
def test_a_link_makes_a_moderator_of_whoever_opens_it(browser: Browser, stack: Stack, width: int) -> None:
    appoint = ["exec", "-T", "web", "/usr/local/bin/python", "-m", "chat.appoint", "moderator", new_secret()]
    link = stack.compose(*appoint).strip()
    ann = Visitor(browser, stack.url, viewport={"width": width, "height": 844})
    ann.opens(link)
    ann.sees_heading("Become a moderator")
    assert violations(ann) == []
    assert not ann.has_to_scroll_sideways()
    ann.page.get_by_label("Your name").fill(f"Ann {new_secret()[:6]}")
    ann.page.keyboard.press("Enter")
    ann.sees_state("Live")
    expect(ann.page.get_by_role("button", name="Rules and moderation")).to_be_visible()
    ann.opens(link)
    ann.sees_heading("Used already")
