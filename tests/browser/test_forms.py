"""The forms in front of the chat while Redis is away: what was typed stays, and is sent when it can be."""

from playwright.sync_api import Browser, expect

from tests.browser.conftest import CODE
from tests.browser.visitors import Visitor
from tests.support.stack import Stack


def test_a_sign_in_waits_for_redis_and_is_sent_by_itself(browser: Browser, stack: Stack) -> None:
    """At first the server answers with the form; then the page asks before it sends anything."""
    ana = Visitor(browser, stack.url)
    redis = stack.container("redis")
    ana.opens("/sign-in?next=/rooms/tea")
    redis.pause()
    ana.page.get_by_label("Your name").fill("Ana")
    ana.page.get_by_role("button", name="Come in").click()
    alert = ana.page.get_by_role("alert")
    expect(alert).to_contain_text("It is sent by itself")
    expect(ana.page.get_by_label("Your name")).to_have_value("Ana")
    redis.unpause()
    ana.is_in("tea")
    ana.sees_state("Live")


def test_a_code_that_was_typed_waits_too(browser: Browser, guarded: str) -> None:
    """In its field, and in no page."""
    ana = Visitor(browser, guarded)
    ana.page.route("**/health", lambda route: route.fulfill(status=503))
    ana.enters("Ana", code=CODE)
    expect(ana.page.get_by_role("alert")).to_contain_text("It is sent by itself")
    expect(ana.page.get_by_label("Access code")).to_have_value(CODE)
    assert CODE not in ana.page.content()
    ana.page.unroute("**/health")
    ana.sees_state("Live")


def test_without_scripts_one_press_tries_again(browser: Browser, stack: Stack) -> None:
    ana = Visitor(browser, stack.url, java_script_enabled=False)
    redis = stack.container("redis")
    redis.pause()
    ana.enters("Ana", path="/rooms/tea")
    again = ana.page.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    expect(ana.page.get_by_label("Your name")).to_have_value("Ana")
    redis.unpause()
    again.click()
    expect(ana.page).to_have_url(f"{stack.url}/rooms/tea")


def test_signing_out_waits_for_redis(browser: Browser, stack: Stack) -> None:
    """The login has ended when the form to sign in comes."""
    ana = Visitor(browser, stack.url)
    ana.signs_in("Ana")
    redis = stack.container("redis")
    redis.pause()
    ana.signs_out()
    expect(ana.page.get_by_role("button", name="Try again")).to_be_visible()
    redis.unpause()
    expect(ana.page.get_by_label("Your name")).to_have_value("")
