"""A login that ends or changes, in other tabs as well; and what was not sent then."""

from playwright.sync_api import Browser, expect

from tests.browser.conftest import CODE, alone
from tests.browser.visitors import Visitor
from tests.unit.chat.http.cookies import KEY, as_of_0_1_0


def test_another_name_in_one_tab_is_the_name_in_all(browser: Browser, url: str, room: str) -> None:
    ana, ben = Visitor(browser, url), Visitor(browser, url)
    for person, name in ((ana, "Ana"), (ben, "Ben")):
        person.signs_in(name, path=f"/rooms/{room}")
    tab = ana.opens_a_tab()
    tab.signs_in("Anna", path=f"/rooms/{room}")
    expect(ana.page.locator("#name")).to_have_text("Anna")
    ana.says("hello")
    expect(ben.log.locator(".author")).to_have_text(["Anna"])


def test_whoever_is_signed_out_elsewhere_can_take_along_what_was_not_sent(
    browser: Browser, guarded: str
) -> None:
    ana = Visitor(browser, guarded)
    ana.signs_in("Ana", CODE)
    tab = ana.opens_a_tab()
    tab.opens("/")
    tab.sees_state("Live")
    tab.begins_to_type("half a tho")
    ana.signs_out()
    dialog = tab.page.get_by_role("dialog", name="You are signed out")
    expect(dialog.get_by_role("listitem")).to_have_text(["half a tho"])
    dialog.get_by_role("button", name="Take it along").click()
    tab.sees_heading("Come in")
    tab.signs_in("Ana", CODE)
    expect(tab.message).to_have_value("half a tho")


def test_when_the_code_is_another_what_waits_can_be_taken_along_and_nothing_is_left(
    browser: Browser, room: str
) -> None:
    with alone(ACCESS_CODE=CODE) as url:
        ana = Visitor(browser, url)
        ana.signs_in("Ana", CODE, path=f"/rooms/{room}")
        before = ana.page.locator("#app").get_attribute("data-id")
    expect(ana.page.get_by_role("status")).to_contain_text("Reconnecting…")
    ana.says("is anybody there?")
    with alone(ACCESS_CODE="another", PORT=url.rpartition(":")[2]):
        dialog = ana.page.get_by_role("dialog", name="You are signed out")
        expect(dialog.get_by_role("listitem")).to_have_text(["is anybody there?"])
        dialog.get_by_role("button", name="Take it along").click()
        ana.sees_heading("Come in")
        ana.signs_in("Ana", "another", path=f"/rooms/{room}")
        expect(ana.message).to_have_value("is anybody there?")
        kept = ana.page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
        assert not [key for key in kept if f"/{before}/" in key]


def test_a_login_is_ended_from_another_browser(browser: Browser) -> None:
    """Its page is somebody else's at once, and keeps nothing. The other browser goes on."""
    with alone(SECRET_KEY=KEY) as url:
        laptop, phone = Visitor(browser, url), Visitor(browser, url)
        laptop.signs_in("Ana")
        ana = laptop.page.locator("#app").get_attribute("data-id")
        cookie = as_of_0_1_0(id=ana, name="Ana", session="phone", earlier=[])
        phone.context.add_cookies([{"name": "tertulia", "value": cookie, "url": url}])
        phone.opens("/")
        phone.sees_state("Live")
        expect(phone.page.locator("#name")).to_have_text("Ana")
        phone.begins_to_type("half a tho")
        tab = laptop.opens_a_tab()
        tab.opens("/")
        tab.page.get_by_role("link", name="Your logins").click()
        tab.sees_heading("Your logins")
        tab.opens_the_logins(2)
        tab.page.get_by_role("button", name="End:").click()
        expect(tab.page.get_by_role("listitem")).to_have_count(1)
        dialog = phone.page.get_by_role("dialog", name="You are signed out")
        expect(dialog.get_by_role("listitem")).to_have_text(["half a tho"])
        dialog.get_by_role("button", name="Leave it").click()
        expect(phone.page.locator(f"#app:not([data-id='{ana}'])")).to_be_visible()
        kept = phone.page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
        assert not [key for key in kept if f"/{ana}/" in key]
        laptop.says("still here")
        laptop.sees("still here")


def test_all_other_logins_end_with_the_keyboard_alone(browser: Browser) -> None:
    with alone(SECRET_KEY=KEY) as url:
        laptop = Visitor(browser, url)
        laptop.signs_in("Ana")
        ana = laptop.page.locator("#app").get_attribute("data-id")
        phones = [Visitor(browser, url) for _ in range(2)]
        for number, phone in enumerate(phones):
            cookie = as_of_0_1_0(id=ana, name="Ana", session=f"phone {number}", earlier=[])
            phone.context.add_cookies([{"name": "tertulia", "value": cookie, "url": url}])
            phone.opens("/")
            phone.sees_state("Live")
        laptop.opens_the_logins(3)
        for _ in range(4):  # to the chat, to each of the two, and to all others
            laptop.page.keyboard.press("Tab")
        expect(laptop.page.get_by_role("button", name="End all others")).to_be_focused()
        laptop.page.keyboard.press("Enter")
        expect(laptop.page.get_by_role("listitem")).to_have_count(1)
        for phone in phones:
            expect(phone.page.locator(f"#app:not([data-id='{ana}'])")).to_be_visible()
        laptop.opens("/")
        laptop.sees_state("Live")
        expect(laptop.page.locator("#name")).to_have_text("Ana")
