"""Invitations by link into a private room, between people on different workers."""

import re
import secrets

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import SCHEMES
from tests.browser.members import Member, come_in, sit_apart
from tests.browser.test_accessible import violations
from tests.browser.test_ways_in import PHONE, shown_link
from tests.browser.visitors import Visitor
from tests.support.stack import Stack


def invites(person: Member, many: str = "1") -> str:
    """From the dialog of the room's members; the link's path."""
    person.opens_the_members().get_by_role("link", name="Invitations").click()
    person.page.get_by_label("For how many people").fill(many)
    person.page.get_by_role("button", name="Make a link").click()
    return shown_link(person)


def test_somebody_new_comes_into_a_private_room_by_a_link(browser: Browser, stack: Stack, title: str) -> None:
    """On a phone, from another worker; and whoever comes later finds no place."""
    ana, late = Member(browser, stack.url), Visitor(browser, stack.url)
    ana.comes_in("Ana")
    address = ana.makes_a_private_room(title)
    ana.says("the plan")
    link = invites(ana)
    ben = Member(browser, stack.url, viewport=PHONE)
    ben.name = f"Ben-{secrets.token_hex(3)}"
    ben.opens(link)
    ben.sees_heading(f"Invitation to {title}")
    expect(ben.page.get_by_text(f"{ana.name} invites you to this private room.")).to_be_visible()
    ben.page.get_by_label("Your name").fill(ben.name)
    ben.page.keyboard.press("Enter")
    ben.sees_heading(title)
    ben.sees_state("Live")
    expect(ben.page).to_have_url(re.compile(f"/rooms/{address}$"))
    ben.sees("the plan")
    ana.page.get_by_role("link", name="Go back").click()
    ana.page.get_by_role("link", name="Go back").click()
    ana.sees_state("Live")
    sit_apart(ana, ben, stack)
    ben.says("I am in")
    ana.sees("I am in")
    late.opens(link)
    late.sees_heading("No place left")
    assert title not in late.page.content()
    assert ana.complaints == ben.complaints == []


def test_who_is_here_comes_in_as_who_they_are(browser: Browser, stack: Stack, title: str) -> None:
    ana, ben = come_in(browser, stack.url, "Ana", "Ben")
    sit_apart(ana, ben, stack)
    ana.makes_a_private_room(title)
    link = invites(ana, many="2")
    tab = ben.opens_a_tab()
    tab.opens(link)
    tab.page.get_by_role("link", name="Not now").click()
    tab.is_in("lobby")
    expect(ben.rooms("Rooms")).to_have_text(["lobby"])
    tab.opens(link)
    tab.page.get_by_role("button", name=f"Come in as {ben.name}").click()
    tab.sees_heading(title)
    ben.follows(f"{ana.name}.* has added you to .*{title}")
    ben.sees_heading(title)
    ana.page.get_by_role("link", name="Go back").click()
    expect(ana.page.get_by_text("1 of 2 left")).to_be_visible()
    ana.page.get_by_role("button", name="Withdraw: 1 of 2 left").click()
    expect(ana.page.get_by_text("None", exact=True)).to_be_visible()
    eve = Visitor(browser, stack.url)
    eve.opens(link)
    eve.sees_heading("Withdrawn")


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_pages_of_a_private_rooms_invitations_are_accessible(
    browser: Browser, url: str, title: str, scheme: str, width: int
) -> None:
    size = {"width": width, "height": 844}
    ana, ben, eve = (Member(browser, url, color_scheme=scheme, viewport=size) for _ in range(3))

    def is_fine(person: Visitor, heading: str) -> None:
        person.sees_heading(heading)
        assert violations(person) == []
        assert not person.has_to_scroll_sideways()

    ana.comes_in("Ana")
    ben.comes_in("Ben")
    ana.makes_a_private_room(title)
    ana.opens_the_members()
    assert violations(ana) == []
    ana.page.keyboard.press("Escape")
    link = invites(ana, many="20")
    is_fine(ana, "Invitation")
    ana.page.get_by_role("link", name="Go back").click()
    is_fine(ana, f"Invitations to {title}")
    for person in (ben, eve):
        person.opens(link)
        is_fine(person, f"Invitation to {title}")
    eve.page.get_by_label("Your name").fill("x" * 41)
    eve.page.get_by_role("button", name="Come in").click()
    expect(eve.page.get_by_text("The name is too long")).to_be_visible()
    is_fine(eve, f"Invitation to {title}")
    ana.opens("/")
    ana.sees_state("Live")
    ana.opens_the_side()
    ana.leaves(title)
    ana.answers("Leave")
    ana.sees_no_room(title)
    ben.page.reload()
    is_fine(ben, "No such room any more")
