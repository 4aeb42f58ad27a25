"""Coming back with a passkey, by the browser's virtual authenticator."""

import re
import secrets

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import CODE, alone, needs_chromium
from tests.browser.members import Member, sit_apart
from tests.browser.test_accessible import violations
from tests.browser.test_private_invitations import invites
from tests.browser.test_ways_in import PHONE, asks_for_a_link
from tests.browser.visitors import Visitor
from tests.support.stack import Stack
from tests.support.waiting import eventually

pytestmark = needs_chromium("adds an authenticator")
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def by_name(url: str) -> str:
    """The same chat under a host name: browsers make no passkeys for an address."""
    return url.replace("127.0.0.1", "localhost")


class Holder(Member):
    """Somebody whose device has an authenticator."""

    authenticator = ""

    def has_an_authenticator(self) -> None:
        self.devtools = self.context.new_cdp_session(self.page)
        self.devtools.send("WebAuthn.enable")
        added = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        self.authenticator = added["authenticatorId"]

    def is_nobody_to_it(self) -> None:
        """Who uses it is not its owner."""
        self.devtools.send(
            "WebAuthn.setUserVerified", {"authenticatorId": self.authenticator, "isUserVerified": False}
        )

    def opens_their_logins(self) -> None:
        """Once the server keeps this one, which is soon after they came."""

        def kept() -> bool:
            self.opens("/you")
            return self.page.get_by_role("button", name="End all others").is_visible()

        eventually(kept, what="the login is kept")

    def adds_a_passkey(self) -> None:
        """On the page of their logins, with the keyboard alone."""
        self.opens_their_logins()
        self.presses("Add a passkey")
        expect(self.page.get_by_role("button", name=re.compile("^End the passkey"))).to_be_visible()

    def comes_back(self) -> None:
        """In front of the chat, with the keyboard alone."""
        self.presses("Come back with a passkey")

    def presses(self, name: str) -> None:
        button = self.page.get_by_role("button", name=name)
        expect(button).to_be_visible()
        for _ in range(20):
            if button.evaluate("button => button === document.activeElement"):
                break
            self.page.keyboard.press("Tab")
        expect(button).to_be_focused()
        self.page.keyboard.press("Enter")

    @property
    def id(self) -> str:
        return self.page.locator("#app").get_attribute("data-id") or ""


def test_the_invited_one_comes_back_without_the_old_device(browser: Browser, stack: Stack) -> None:
    """They came by an invitation, and go on on a phone; then a passkey alone makes them the same person, with
    the same rooms, unread counts and conversation."""
    url, title = by_name(stack.url), f"Reisepläne {secrets.token_hex(3)}"
    ben, ana, phone = Member(browser, url), Holder(browser, url), Holder(browser, url, viewport=PHONE)
    ben.comes_in("Benedikta")
    room = ben.makes_a_private_room(title)
    ben.says("welcome")
    link = invites(ben)
    ben.opens(f"/rooms/{room}")
    ana.name = f"Anastasia-{secrets.token_hex(3)}"
    ana.opens(link)
    ana.page.get_by_label("Your name").fill(ana.name)
    ana.page.keyboard.press("Enter")
    ana.sees_heading(title)
    ana.sees_state("Live")
    ana.sees("welcome")
    sit_apart(ben, ana, stack)
    ana.says("here I am")
    ben.sees("here I am")
    ben.begins_a_conversation(ana)
    ben.says("between us")
    ana.follows("has begun a conversation with you")
    ana.sees("between us")
    ana.goes_to("lobby")
    person = ana.id
    phone.opens(asks_for_a_link(ana))
    phone.page.get_by_role("button", name=f"Go on as {ana.name}").click()
    phone.sees_state("Live")
    assert phone.id == person
    phone.has_an_authenticator()
    phone.adds_a_passkey()
    ben.says("did you get it?")
    ben.sees_nothing_on_the_way()
    phone.context.clear_cookies()
    phone.page.evaluate("localStorage.clear()")
    phone.opens("/")
    phone.sees_state("Live")
    assert phone.id != person, "a guest of whom nothing is known"
    phone.opens("/sign-in")
    phone.comes_back()
    phone.sees_state("Live")
    assert phone.id == person
    phone.opens_the_side()
    expect(phone.page.locator("#name")).to_have_text(ana.name)
    expect(phone.rooms("Rooms")).to_contain_text([title])
    phone.sees_unread(ben.name, 1)
    phone.page.locator(".room-link").filter(has_text=ben.name).click()
    phone.sees("did you get it?")
    phone.says("now I do")
    ben.sees("now I do")
    phone.opens("/you")
    expect(phone.page.get_by_text("used ")).to_be_visible()
    assert phone.complaints == []


def test_whoever_changes_their_mind_is_told_plainly(browser: Browser) -> None:
    """And nothing has changed: there is no passkey, and they can try again."""
    with alone(ACCESS_CODE=CODE) as url:
        ana = Holder(browser, by_name(url))
        ana.signs_in("Ana", CODE)
        ana.has_an_authenticator()
        ana.is_nobody_to_it()
        ana.opens_their_logins()
        ana.presses("Add a passkey")
        expect(ana.page.locator(".passkey [role=status]")).to_have_text(
            "No passkey was used. You can try again."
        )
        expect(ana.page.get_by_role("button", name="Add a passkey")).to_be_focused()
        assert violations(ana) == []
        ana.context.clear_cookies()
        ana.opens("/rooms/tea")
        ana.comes_back()
        expect(ana.page.locator(".passkey [role=status]")).to_have_text(
            "No passkey was used. You can try again."
        )
        assert violations(ana) == []


def test_a_passkey_keeps_where_one_wanted_to_go_and_needs_no_code(browser: Browser) -> None:
    """Until it is ended."""
    with alone(ACCESS_CODE=CODE) as url:
        ana = Holder(browser, by_name(url))
        ana.signs_in("Ana", CODE)
        person = ana.id
        ana.has_an_authenticator()
        ana.adds_a_passkey()
        ana.presses("Add a passkey")
        expect(ana.page.get_by_text("has a passkey for you already")).to_be_visible()
        ana.context.clear_cookies()
        ana.opens("/rooms/tea")
        ana.comes_back()
        ana.is_in("tea")
        assert ana.id == person
        ana.opens("/you")
        ana.page.get_by_role("button", name=re.compile("^End the passkey")).click()
        expect(ana.page.get_by_role("button", name=re.compile("^End the passkey"))).to_have_count(0)
        ana.context.clear_cookies()
        ana.opens("/sign-in")
        ana.comes_back()
        expect(ana.page.get_by_text("Nobody comes back by this passkey here.")).to_be_visible()
        assert violations(ana) == []


def test_at_an_address_the_pages_offer_no_passkeys(browser: Browser) -> None:
    with alone() as url:
        ana = Visitor(browser, url)
        ana.signs_in("Ana")
        for path in ("/you", "/sign-in"):
            ana.opens(path)
            expect(ana.page.get_by_role("main")).to_be_visible()
            expect(ana.page.locator(".passkey, .passkeys, script[src*=passkeys]")).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1440])
def test_the_pages_with_passkeys_are_accessible(browser: Browser, width: int) -> None:
    with alone() as url:
        ana = Holder(browser, by_name(url), viewport={"width": width, "height": 844})
        ana.signs_in("Ana")
        ana.has_an_authenticator()
        ana.adds_a_passkey()
        for path in ("/you", "/sign-in"):
            ana.opens(path)
            expect(ana.page.locator(".passkey button")).to_be_visible()
            assert violations(ana) == []
            assert not ana.has_to_scroll_sideways()
