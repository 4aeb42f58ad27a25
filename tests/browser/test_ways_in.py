"""Ways in by links: on another device, back, and by invitation."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import ADMIN_CODE, CODE, alone
from tests.browser.test_accessible import violations
from tests.browser.test_moderation import Moderator
from tests.browser.visitors import Visitor
from tests.support.stack import Stack

PHONE = {"width": 390, "height": 844}


def asks_for_a_link(person: Visitor) -> str:
    """From the chat, by the page of one's logins; the link's path."""
    person.opens_the_side()
    person.page.get_by_role("link", name="Use on another device").click()
    person.page.get_by_role("button", name="Make a link").click()
    return shown_link(person)


def shown_link(person: Visitor) -> str:
    expect(person.page.get_by_role("img", name="QR code of the link below")).to_be_visible()
    address = person.page.get_by_label("Link", exact=True).input_value()
    return re.sub(r"^https?://[^/]+", "", address)


def invites(person: Visitor, many: str = "1") -> str:
    """From the room; the link's path."""
    person.opens_the_side()
    person.page.get_by_role("link", name="Invitations").click()
    person.page.get_by_label("For how many people").fill(many)
    person.page.get_by_role("button", name="Make a link").click()
    return shown_link(person)


def test_somebody_goes_on_on_their_phone(browser: Browser, stack: Stack, room: str) -> None:
    """As the same person, in the same rooms; and ends the phone's login from the laptop."""
    laptop, phone = Visitor(browser, stack.url), Visitor(browser, stack.url, viewport=PHONE)
    laptop.signs_in("Ana", path=f"/rooms/{room}")
    laptop.says("from the laptop")
    link = asks_for_a_link(laptop)
    phone.opens(link)
    phone.sees_heading("Go on as Ana")
    phone.page.get_by_role("button", name="Go on as Ana").click()
    phone.sees_state("Live")
    phone.goes_to(room)
    phone.sees("from the laptop")
    phone.says("from the phone")
    laptop.opens(f"/rooms/{room}")
    laptop.sees("from the phone")
    for each in (laptop, phone):
        expect(each.log.locator(".message.mine, .message.continued")).to_have_count(2)
    laptop.opens_the_logins(2)
    phone.opens(link)
    phone.sees_heading("You are here already")
    laptop.page.get_by_role("button", name="End:").click()
    expect(laptop.page.get_by_role("listitem")).to_have_count(1)
    assert laptop.complaints == phone.complaints == []


def test_who_was_somebody_else_is_asked_before(browser: Browser, stack: Stack) -> None:
    ana, ben = Visitor(browser, stack.url), Visitor(browser, stack.url)
    ana.signs_in("Ana")
    ben.signs_in("Ben")
    link = asks_for_a_link(ana)
    ben.opens(link)
    expect(ben.page.get_by_text("In this browser you are Ben now.")).to_be_visible()
    ben.page.get_by_role("link", name="Stay Ben").click()
    ben.sees_state("Live")
    expect(ben.page.locator("#name")).to_have_text("Ben")
    ben.opens(link)
    ben.page.get_by_role("button", name="Be Ana instead of Ben").click()
    ben.sees_state("Live")
    expect(ben.page.locator("#name")).to_have_text("Ana")


def test_an_invitation_leads_past_the_code_into_the_room(browser: Browser, room: str) -> None:
    with alone(ACCESS_CODE=CODE, ADMIN_CODE=ADMIN_CODE) as url:
        mia, ben, late = Moderator(browser, url), Visitor(browser, url, viewport=PHONE), Visitor(browser, url)
        mia.signs_in("Mia", CODE, path=f"/rooms/{room}")
        mia.takes_the_badge()
        mia.sees_state("Live")
        mia.says("welcome")
        link = invites(mia)
        ben.opens(link)
        ben.sees_heading(f"Invitation to {room}")
        ben.page.get_by_label("Your name").fill("Ben")
        ben.page.keyboard.press("Enter")
        ben.is_in(room)
        ben.sees("welcome")
        late.opens(link)
        late.sees_heading("No place left")
        mia.page.get_by_role("link", name="Go back").click()
        expect(mia.page.get_by_text("None", exact=True)).to_be_visible()


def test_a_moderator_withdraws_an_invitation_without_scripts(browser: Browser) -> None:
    with alone(GUESTS="off", ADMIN_CODE=ADMIN_CODE) as url:
        mia = Visitor(browser, url, java_script_enabled=False)
        eve = Visitor(browser, url)
        eve.opens("/rooms/tea")
        eve.sees_heading("By invitation")
        mia.opens("/")
        mia.page.get_by_role("link", name="I have the moderators' code").click()
        mia.page.get_by_label("Your name").fill("Mia")
        mia.page.get_by_label("Moderators' code").fill(ADMIN_CODE)
        mia.page.get_by_role("button", name="Moderate").click()
        mia.opens("/invitations?room=tea")
        mia.page.get_by_label("For how many people").fill("3")
        mia.page.get_by_role("button", name="Make a link").click()
        link = shown_link(mia)
        mia.page.get_by_role("link", name="Go back").click()
        mia.page.get_by_role("button", name="Withdraw: 3 of 3 left").click()
        expect(mia.page.get_by_text("None", exact=True)).to_be_visible()
        eve.opens(link)
        eve.sees_heading("Withdrawn")


def test_a_moderator_makes_a_way_back(browser: Browser, moderated: str, room: str) -> None:
    """For somebody whose browser has forgotten them."""
    mia, ann = Moderator(browser, moderated), Visitor(browser, moderated)
    for person, name in ((mia, "Mia"), (ann, "Ann")):
        person.signs_in(name, path=f"/rooms/{room}")
    mia.takes_the_badge()
    mia.sees_state("Live")
    ann.says("do not forget me")
    mia.sees("do not forget me")
    ann.context.clear_cookies()
    dialog = mia.picks_the_message("do not forget me")
    with mia.context.expect_page() as opened:
        dialog.get_by_role("link", name="More about them").click()
    page = opened.value
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_text("Give this link to Ann")).to_be_visible()
    ann.opens(page.get_by_label("Link", exact=True).input_value())
    ann.page.get_by_role("button", name="Go on as Ann").click()
    ann.sees_state("Live")
    ann.goes_to(room)
    ann.says("here again")
    mia.page.keyboard.press("Escape")
    expect(mia.log.locator(".author").first).to_have_text("Ann")
    mia.sees("here again")


@pytest.mark.parametrize("width", [390, 1440])
def test_the_pages_of_links_are_accessible(browser: Browser, width: int) -> None:
    with alone(GUESTS="off", ADMIN_CODE=ADMIN_CODE) as url:
        size = {"width": width, "height": 844}
        mia, eve = (Visitor(browser, url, viewport=size) for _ in range(2))

        def is_fine(person: Visitor, heading: str) -> None:
            person.sees_heading(heading)
            assert violations(person) == []
            assert not person.has_to_scroll_sideways()

        eve.opens("/")
        is_fine(eve, "By invitation")
        eve.opens("/ticket/none")
        is_fine(eve, "No such link")
        mia.opens("/moderate")
        mia.page.get_by_label("Your name").fill("Mia")
        mia.page.get_by_label("Moderators' code").fill("a guess")
        mia.page.get_by_role("button", name="Moderate").click()
        expect(mia.page.get_by_text("This is not the moderators' code.")).to_be_visible()
        is_fine(mia, "Moderate")
        mia.page.get_by_label("Moderators' code").fill(ADMIN_CODE)
        mia.page.get_by_role("button", name="Moderate").click()
        mia.sees_state("Live")
        link = invites(mia, many="20")
        is_fine(mia, "Invitation")
        mia.page.get_by_role("link", name="Go back").click()
        is_fine(mia, "Invitations to lobby")
        eve.opens(link)
        is_fine(eve, "Invitation to lobby")
        eve.page.get_by_label("Your name").fill("x" * 41)
        eve.page.get_by_role("button", name="Come in").click()
        expect(eve.page.get_by_text("The name is too long")).to_be_visible()
        is_fine(eve, "Invitation to lobby")
        eve.page.get_by_label("Your name").fill("Eve")
        eve.page.get_by_role("button", name="Come in").click()
        eve.sees_state("Live")
        eve.opens("/invitations")
        is_fine(eve, "Not possible")
        mia.opens("/")
        mia.sees_state("Live")
        link = asks_for_a_link(mia)
        is_fine(mia, "Use on another device")
        mia.page.get_by_role("link", name="Go back").click()
        is_fine(mia, "Your logins")
        eve.opens(link)
        is_fine(eve, "Go on as Mia")
