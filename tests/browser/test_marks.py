"""What one person has read, on a laptop and a phone at once."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import ADMIN_CODE
from tests.browser.visitors import Visitor


class Ana(Visitor):
    """Somebody with two devices, who was in a room and is in the lobby now."""

    def __init__(self, browser: Browser, url: str, room: str) -> None:
        super().__init__(browser, url)
        self.signs_in("Ana", path=f"/rooms/{room}")
        self.goes_to("lobby")
        self.phone = Visitor(browser, url, viewport={"width": 390, "height": 800}, has_touch=True)
        self.phone.context.add_cookies(self.context.cookies())  # type: ignore[arg-type]
        self.phone.opens("/")
        self.phone.sees_state("Live")
        self.phone.sees_unread(room, 0)


@pytest.fixture
def ana(browser: Browser, url: str, room: str) -> Ana:
    return Ana(browser, url, room)


@pytest.fixture
def ben(browser: Browser, url: str, room: str) -> Visitor:
    ben = Visitor(browser, url)
    ben.signs_in("Ben", path=f"/rooms/{room}")
    return ben


def sees_mention(person: Visitor, room: str, count: int) -> None:
    """At the side and in the title."""
    person.sees_unread(room, count)
    expect(person.page.locator(".room-link").filter(has_text=room).locator(".mentioned")).to_be_attached()
    expect(person.page).to_have_title(f"(@ {count}) lobby · Tertulia")


def chooses(person: Visitor, level: str) -> None:
    """Of what in this room the person is told, with the keyboard alone."""
    bell = person.page.get_by_role("button", name="What to tell you of this room")
    bell.focus()
    person.page.keyboard.press("Enter")
    choice = person.page.get_by_role("dialog").get_by_role("radio", name=level)
    for _ in range(3):
        if choice.is_checked():
            break
        person.page.keyboard.press("ArrowDown")
    expect(choice).to_be_checked()
    person.page.keyboard.press("Escape")
    expect(bell).to_be_focused()
    expect(bell).to_have_accessible_name(re.compile(level, re.IGNORECASE))


def test_what_is_read_on_the_phone_is_read_on_the_laptop(ana: Ana, ben: Visitor, room: str) -> None:
    """Also by the tab that is opened later; and what comes then is unread on both."""
    for text in ("good morning", "are you there, Ana?"):
        ben.says(text)
        ben.sees(text)
    for device in (ana, ana.phone):
        sees_mention(device, room, 2)
    ana.phone.goes_to(room)
    ana.phone.sees_in_view("are you there, Ana?")
    ana.sees_unread(room, 0)
    expect(ana.page).to_have_title("lobby · Tertulia")
    ana.page.reload()
    ana.sees_state("Live")
    ana.sees_unread(room, 0)
    ana.phone.goes_to("lobby")
    ben.says("never mind")
    for device in (ana, ana.phone):
        device.sees_unread(room, 1)
        expect(device.page).to_have_title("(1) lobby · Tertulia")


def test_what_is_read_as_the_page_is_left_is_read_on_the_laptop(ana: Ana, ben: Visitor, room: str) -> None:
    """Also if the mark before was told less than a second ago."""
    ana.phone.goes_to(room)
    for text in ("good morning", "are you there, Ana?"):
        ben.says(text)
        ana.phone.sees_in_view(text)
    ana.phone.opens("/you")
    ana.sees_unread(room, 0)


def test_whoever_answers_on_the_phone_has_read_on_the_laptop(ana: Ana, ben: Visitor, room: str) -> None:
    """One's own messages are nothing to read."""
    ben.says("are you there?")
    ana.sees_unread(room, 1)
    ana.phone.goes_to(room)
    ana.phone.says("I am")
    ben.sees("I am")
    ana.sees_unread(room, 0)


def test_of_a_room_one_is_told_as_much_as_one_wants_on_all_devices(ana: Ana, ben: Visitor, room: str) -> None:
    ana.goes_to(room)
    chooses(ana, "Only what mentions you")
    ana.goes_to("lobby")
    for text in ("hello", "hello, Ana"):
        ben.says(text)
        ben.sees(text)
    for device in (ana, ana.phone):
        sees_mention(device, room, 1)
    ana.phone.goes_to(room)
    chooses(ana.phone, "Nothing")
    ana.phone.goes_to("lobby")
    ben.says("Ana!")
    ben.sees("Ana!")
    ben.goes_to("lobby")
    ben.says(f"nobody hears me in {room}")
    for device in (ana, ana.phone):
        device.sees(f"nobody hears me in {room}")
        device.sees_unread(room, 0)
        expect(device.page).to_have_title("lobby · Tertulia")


def test_a_deleted_message_is_nothing_to_read(browser: Browser, moderated: str, room: str) -> None:
    ana = Ana(browser, moderated, room)
    mia = Visitor(browser, moderated)
    mia.signs_in("Mia", path=f"/rooms/{room}")
    mia.page.get_by_role("link", name="Moderate").click()
    mia.page.get_by_label("Moderators' code").fill(ADMIN_CODE)
    mia.page.get_by_role("button", name="Moderate").click()
    mia.sees_state("Live")
    mia.says("a slip")
    for device in (ana, ana.phone):
        device.sees_unread(room, 1)
    row = mia.log.get_by_role("listitem").filter(has_text="a slip")
    row.hover()
    row.get_by_role("button", name="What to do with this message").click()
    mia.page.get_by_role("button", name="Moderate this message").click()
    mia.page.get_by_role("button", name="Delete this message").click()
    for device in (ana, ana.phone):
        device.sees_unread(room, 0)
        device.page.reload()
        device.sees_state("Live")
        device.sees_unread(room, 0)
