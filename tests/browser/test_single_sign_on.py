"""People sign in by OpenID Connect, at a real provider that runs beside the tests."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import alone
from tests.browser.provider import ISSUER, is_asked_to_sign_in, provider, settings, signs_in, signs_out_there
from tests.browser.test_accessible import violations
from tests.browser.visitors import Visitor
from tests.support.stack import Stack

PHONE = {"width": 390, "height": 844}
ALONE = "19091"
"""The port of the chat that has no guests."""

reached_by_workers = pytest.mark.skipif(
    "OWN_NETWORK" not in os.environ, reason="the workers reach the provider in the browsers' own network"
)


@pytest.fixture(scope="module", autouse=True)
def running() -> Iterator[None]:
    scheme = "https" if "AUTHORITY" in os.environ else "http"
    with provider(f"{scheme}://127.0.0.1:18085", f"http://127.0.0.1:{ALONE}"):
        yield


def id_of(person: Visitor) -> str | None:
    return person.page.locator("#app").get_attribute("data-id")


def comes_in(person: Visitor, login: str, room: str) -> None:
    person.opens(f"/sign-in?next=/rooms/{room}")
    signs_in(person.page, login)
    person.complaints.clear()  # the provider's pages ask for a font of the internet
    person.is_in(room)
    person.sees_state("Live")


@reached_by_workers
def test_somebody_signs_in_at_the_provider_and_is_the_same_person_in_another_browser(
    browser: Browser, stack: Stack, room: str
) -> None:
    laptop, phone = (
        Visitor(browser, stack.url),
        Visitor(browser, stack.url, viewport={"width": 390, "height": 844}),
    )
    comes_in(laptop, "ottilie", room)
    expect(laptop.page.locator("#name")).to_have_text("ottilie")
    laptop.says("from the laptop")
    comes_in(phone, "ottilie", room)
    assert id_of(laptop) == id_of(phone)
    phone.sees("from the laptop")
    phone.says("from the phone")
    laptop.sees_in_order("from the laptop", "from the phone")
    expect(laptop.log.locator(".message.mine, .message.continued")).to_have_count(2)
    assert laptop.complaints == phone.complaints == []


@reached_by_workers
def test_who_signs_out_here_is_out_there(browser: Browser, stack: Stack, room: str) -> None:
    ida = Visitor(browser, stack.url)
    comes_in(ida, "idalina", room)
    ida.signs_out()
    signs_out_there(ida.page)
    ida.sees_heading("Come in")
    ida.page.get_by_role("link", name="Sign in with Example").click()
    is_asked_to_sign_in(ida.page)


@reached_by_workers
def test_who_signs_out_there_hears_nothing_more_here(browser: Browser, stack: Stack, room: str) -> None:
    """In each of their tabs; in another browser, where they signed in by themselves, they go on."""
    ulf, phone, friend = (Visitor(browser, stack.url) for _ in range(3))
    comes_in(ulf, "ulfhard", room)
    comes_in(phone, "ulfhard", room)
    friend.signs_in("Friederun", path=f"/rooms/{room}")
    friend.says("before")
    ulf.sees("before")
    there = ulf.context.new_page()
    there.goto(f"{ISSUER}/session/end")
    signs_out_there(there)
    expect(ulf.page.locator(f"#app[data-id='{id_of(phone)}']")).to_have_count(0)
    friend.says("after")
    phone.sees("after")
    ulf.opens(f"/rooms/{room}")
    expect(ulf.page.locator("#name")).not_to_have_text("ulfhard")


@pytest.mark.parametrize("width", [390, 1440])
def test_without_guests_the_provider_is_the_way_in(browser: Browser, width: int) -> None:
    """Of its people those of a group come in."""
    given = settings(1) | {"GUESTS": "off", "OIDC_GROUPS": "staff", "PORT": ALONE}
    with alone(**given) as url:
        size = {"width": width, "height": 844}
        eve, sam = (Visitor(browser, url, viewport=size) for _ in range(2))
        for each in (eve, sam):
            each.opens("/rooms/tea")
            each.sees_heading("Come in")
            expect(each.page.get_by_role("textbox")).to_have_count(0)
            assert violations(each) == []
            assert not each.has_to_scroll_sideways()
        signs_in(eve.page, "eveline")
        expect(eve.page.get_by_text("Only people of some groups come in here")).to_be_visible()
        signs_in(sam.page, "staff-sam")
        sam.is_in("tea")
        sam.sees_state("Live")
