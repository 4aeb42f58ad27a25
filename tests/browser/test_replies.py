"""Replies: what is answered is quoted while one writes, while it waits, and once it is sent."""

import secrets

from playwright.sync_api import Browser, expect

from tests.browser.conftest import needs_chromium
from tests.browser.crowd import fill
from tests.browser.talkers import talk
from tests.browser.test_outbox import keeps_the_page
from tests.browser.visitors import Visitor

MARK = secrets.token_hex(2)
ADA, BO = f"Ada {MARK}", f"Bo {MARK}"


def test_a_reply_to_an_old_message_quotes_it_and_leads_there(browser: Browser, url: str, room: str) -> None:
    """Also where that one is older than all that is loaded."""
    fill(url, room, 320, "number {} of many")
    ada, bo = talk(browser, url, room, ADA, BO)
    ada.sees_in_view("number 320 of many")
    ada.opens(f"/rooms/{room}#2")
    ada.sees_in_view("number 2 of many")
    ada.replies("number 2 of many", "found it")
    bo.sees("found it")
    expect(bo.row("found it").locator(".quote q")).to_have_text("number 2 of many")
    bo.row("found it").locator(".quote").click()
    bo.sees_in_view("number 2 of many")


def sees_begun(person: Visitor, text: str, whom: str, what: str) -> None:
    """The field has this text, and the line above it says that it answers this."""
    expect(person.message).to_have_value(text)
    expect(person.page.locator(".replying bdi")).to_have_text(whom)
    expect(person.page.locator(".replying q")).to_have_text(what)


def test_what_a_draft_answers_survives_a_reload_and_the_tab(browser: Browser, url: str, room: str) -> None:
    ada, bo = talk(browser, url, room, ADA, BO)
    bo.says("shall we?")
    ada.sees("shall we?")
    ada.begins_to_reply("shall we?", "yes, at")
    ada.page.reload()
    sees_begun(ada, "yes, at", BO, "shall we?")
    ada.goes_to(f"{room}-2")
    expect(ada.page.locator(".replying")).to_be_hidden()
    tab = ada.opens_a_tab()
    ada.page.close()
    tab.opens(f"/rooms/{room}")
    sees_begun(tab, "yes, at", BO, "shall we?")
    bo.edits("shall we?", "shall we **go**?")
    sees_begun(tab, "yes, at", BO, "shall we go?")
    tab.page.keyboard.press("End")
    tab.begins_to_type(" ten")
    tab.page.keyboard.press("Enter")
    bo.sees_quote("yes, at ten", BO, "shall we go?")
    tab.sees_nothing_on_the_way()
    tab.page.reload()
    tab.sees_state("Live")
    expect(tab.page.locator(".replying")).to_be_hidden()
    expect(tab.message).to_have_value("")


def test_what_a_draft_answers_is_fetched_and_may_be_gone(browser: Browser, url: str, room: str) -> None:
    fill(url, room, 320, "number {} of many")
    ada, bo = talk(browser, url, room, ADA, BO)
    bo.says("a mistake")
    ada.sees("a mistake")
    ada.begins_to_reply("a mistake", "no")
    bo.deletes("a mistake")
    sees_begun(ada, "no", "", "Message deleted")
    ada.page.keyboard.press("Escape")
    expect(ada.page.locator(".replying")).to_be_hidden()
    ada.opens(f"/rooms/{room}#2")
    ada.sees_in_view("number 2 of many")
    ada.begins_to_reply("number 2 of many", ", indeed")
    ada.opens(f"/rooms/{room}")
    ada.page.reload()
    ada.sees_in_view("number 320 of many")
    sees_begun(ada, "no, indeed", "Crier", "number 2 of many")


@needs_chromium("cuts a tab from the network")
def test_an_answer_that_waits_has_its_quote_at_once(browser: Browser, url: str, room: str) -> None:
    ada, bo = talk(browser, url, room, ADA, BO)
    bo.says("can you hear me?")
    ada.sees("can you hear me?")
    ada.begins_to_reply("can you hear me?", "not")
    keeps_the_page(ada)
    ada.context.set_offline(True)
    ada.begins_to_type(" now")
    ada.page.keyboard.press("Enter")
    quote = ada.page.get_by_role("list", name="On the way").locator(".quote")
    for _ in range(2):
        expect(quote.locator("bdi")).to_have_text(BO)
        expect(quote.locator("q")).to_have_text("can you hear me?")
        ada.page.reload()
    expect(quote).to_have_attribute("href", f"/rooms/{room}#1")
    ada.context.set_offline(False)
    bo.sees_quote("not now", BO, "can you hear me?")
    ada.sees_quote("not now", BO, "can you hear me?")
    ada.sees_nothing_on_the_way()
