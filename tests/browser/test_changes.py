"""What is written changes: people edit and delete it, react to it and reply to it."""

import re
import secrets
from functools import partial

from playwright.sync_api import Browser, expect

from tests.browser.conftest import needs_chromium
from tests.browser.crowd import fill
from tests.browser.members import sit_apart
from tests.browser.talkers import ACT, Talker, talk
from tests.browser.test_accessible import violations
from tests.support.stack import Stack
from tests.support.waiting import eventually

MARK = secrets.token_hex(2)
ADA, BO = f"Ada {MARK}", f"Bo {MARK}"


def test_people_on_different_workers_see_each_others_changes(
    browser: Browser, stack: Stack, room: str
) -> None:
    """Done, undone and done once more; and who comes later sees the same."""
    ada, bo = talk(browser, stack.url, room, ADA, BO)
    sit_apart(ada, bo, stack)
    both = (ada, bo)
    ada.says("we meet at tne")
    bo.sees("we meet at tne")
    ada.edits("we meet at tne", "we meet at ten")
    for each in both:
        each.sees_in_order("we meet at ten")
        each.sees_edited("we meet at ten")
    bo.reacts("we meet at ten", "👍")
    ada.sees_reactions("we meet at ten", "👍1")
    bo.sees_reactions("we meet at ten", "[👍1]")
    ada.reaction("we meet at ten", "👍").click()
    ada.sees_reactions("we meet at ten", "[👍2]")
    bo.sees_reactions("we meet at ten", "[👍2]")
    bo.reaction("we meet at ten", "👍").click()
    ada.sees_reactions("we meet at ten", "[👍1]")
    ada.reaction("we meet at ten", "👍").click()
    for each in both:
        each.sees_reactions("we meet at ten")
    bo.reacts("we meet at ten", "🎉")
    bo.reacts("we meet at ten", "👍")
    ada.sees_reactions("we meet at ten", "🎉1", "👍1")
    bo.replies("we meet at ten", "I am late")
    for each in both:
        each.sees_in_order("we meet at ten", "I am late")
        each.sees_quote("I am late", ADA, "we meet at ten")
    expect(ada.row("I am late")).to_have_class(re.compile(r"\bmentions\b"))
    ada.edits("we meet at ten", "we meet at eleven")
    for each in both:
        each.sees_quote("I am late", ADA, "we meet at eleven")
    late = Talker(browser, stack.url)
    late.signs_in(f"Cy {MARK}", path=f"/rooms/{room}")
    for each in (*both, late):
        each.sees_in_order("we meet at eleven", "I am late")
        each.sees_edited("we meet at eleven")
        each.sees_edited("I am late", edited=False)
    late.sees_reactions("we meet at eleven", "🎉1", "👍1")
    ada.deletes("we meet at eleven")
    for each in (*both, late):
        each.sees_in_order("Message deleted", "I am late")
        expect(each.log.locator(".reaction")).to_have_count(0)
        expect(each.row("I am late").locator(".quote q")).to_have_text("Message deleted")
        gone = partial(each.page.evaluate, "!JSON.stringify(localStorage).includes('eleven')")
        eventually(gone, what="the browser keeps nothing of it")
    assert ada.complaints == bo.complaints == late.complaints == []


def test_the_arrow_edits_the_last_message_and_escape_leaves_it(browser: Browser, url: str, room: str) -> None:
    ada, bo = talk(browser, url, room, ADA, BO)
    for each in ("one", "two"):
        ada.says(each)
        bo.sees(each)
    bo.says("three")
    ada.sees("three")
    ada.sees_nothing_on_the_way()
    keys = ada.page.keyboard
    field = ada.page.get_by_label("The message's new text")
    ada.message.focus()
    keys.press("ArrowUp")
    expect(field).to_have_value("two")
    assert violations(ada) == []
    keys.type(" and a half")
    keys.press("Escape")
    expect(field).to_have_count(0)
    expect(ada.message).to_be_focused()
    ada.sees_in_order("one", "two", "three")
    keys.press("ArrowUp")
    expect(field).to_be_focused()
    field.press("End")
    keys.type(f" for @{BO}")
    keys.press("Shift+Enter")
    keys.type("next line")
    keys.press("Enter")
    bo.sees_edited(f"two for @{BO}")
    expect(bo.log.locator(".mention")).to_have_text(f"@{BO}")
    expect(ada.message).to_be_focused()
    expect(ada.message).to_have_value("")
    keys.press("ArrowUp")
    field.fill("   ")
    keys.press("Enter")
    ada.page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    bo.sees_in_order("one", "Message deleted", "three")


def test_the_place_is_held_while_messages_above_it_change(browser: Browser, url: str, room: str) -> None:
    fill(url, room, 60, "number {} of many")
    ada, bo = talk(browser, url, room, ADA, BO)
    ada.sees_in_view("number 60 of many")
    ada.page.evaluate("document.getElementById('conversation').scrollTop -= 800")
    below = ada.row("number 22 of many").locator(".text")
    expect(below).to_be_in_viewport()
    before = below.bounding_box()
    bo.reacts("number 3 of many", "👍")
    ada.sees_reactions("number 3 of many", "👍1")
    assert below.bounding_box() == before


@needs_chromium("cuts a tab from the network")
def test_changes_wait_for_the_network_also_over_a_reload(browser: Browser, url: str, room: str) -> None:
    """They are shown at once; of several about the same the last one counts."""
    ada, bo = talk(browser, url, room, ADA, BO)
    for each in ("kept", "gone"):
        ada.says(each)
        bo.sees(each)
    ada.reacts("kept", "❤️")
    ada.sees_reactions("kept", "[❤️1]")
    bo.sees_reactions("kept", "❤️1")
    ada.edits("kept", "loaded")
    bo.sees_edited("loaded")
    kept = "(room) => navigator.serviceWorker.ready.then(() => caches.match('/')).then(Boolean)"
    ada.page.wait_for_function(kept, arg=room)
    ada.context.set_offline(True)
    ada.edits("loaded", "first")
    ada.edits("first", "second")
    ada.reaction("second", "❤️").click()
    ada.reacts("second", "👍")
    ada.deletes("gone")
    ada.sees_in_order("second", "Message deleted")
    ada.sees_reactions("second", "[👍1]")
    bo.reacts("loaded", "🎉")
    bo.sees_reactions("loaded", "❤️1", "[🎉1]")
    ada.page.reload()
    ada.sees_in_order("second", "Message deleted")
    ada.sees_reactions("second", "[👍1]")
    ada.context.set_offline(False)
    ada.sees_state("Live")
    bo.sees_in_order("second", "Message deleted")
    bo.sees_reactions("second", "[🎉1]", "👍1")
    ada.sees_reactions("second", "🎉1", "[👍1]")
    assert "changes/" not in ada.page.evaluate("Object.keys(localStorage).join()")


def test_two_devices_of_one_person_show_the_same(browser: Browser, url: str, room: str) -> None:
    (ada,) = talk(browser, url, room, ADA)
    ada.says("from here")
    ada.sees("from here")
    phone = Talker(browser, url, viewport={"width": 390, "height": 844})
    phone.context.add_cookies(ada.context.cookies())  # type: ignore[arg-type]
    phone.opens(f"/rooms/{room}")
    phone.sees("from here")
    ada.reacts("from here", "👍")
    phone.sees_reactions("from here", "[👍1]")
    phone.reaction("from here", "👍").click()
    ada.sees_reactions("from here")
    phone.edits("from here", "from there")
    ada.sees_edited("from there")
    ada.edits("from there", "from both")
    phone.sees_in_order("from both")


def test_here_is_completed_and_tells_everybody(browser: Browser, url: str, room: str) -> None:
    ada, bo = talk(browser, url, room, ADA, BO)
    ada.begins_to_type("look @he")
    option = ada.page.get_by_role("option")
    expect(option).to_have_text("@hereeverybody in this room")
    assert violations(ada) == []
    ada.page.keyboard.press("Enter")
    ada.page.keyboard.press("Enter")
    bo.sees("look @here")
    expect(bo.row("look @here")).to_have_class(re.compile(r"\bmentions\b"))
    expect(bo.log.locator(".mention")).to_have_text("@here")
    expect(ada.log.locator(".mentions")).to_have_count(0)


def test_who_reacted_is_told_to_whoever_points_at_it(browser: Browser, url: str, room: str) -> None:
    ada, bo = talk(browser, url, room, ADA, BO)
    ada.says("look who")
    bo.sees("look who")
    for each in (ada, bo):
        each.reacts("look who", "👍")
    ada.sees_reactions("look who", "[👍2]")
    ada.reaction("look who", "👍").hover()
    expect(ada.page.get_by_role("tooltip")).to_contain_text(f"\u2068{ADA}\u2069")
    expect(ada.page.get_by_role("tooltip")).to_contain_text(f"\u2068{BO}\u2069")
    ada.message.hover()
    expect(ada.page.get_by_role("tooltip")).to_be_hidden()


@needs_chromium("reads the clipboard")
def test_copying_gives_what_was_typed(browser: Browser, url: str, room: str) -> None:
    """By the menu, and where several messages are selected: without quotes, reactions and marks."""
    (ada,) = talk(browser, url, room, ADA)
    ada.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ada.says("see `code`")
    ada.sees("see code")
    ada.replies("see code", "then this")
    ada.sees("then this")
    ada.reacts("then this", "👍")
    ada.edits("then this", "and this")
    ada.sees_edited("and this")
    ada.opens_the_menu("see code").get_by_role("button", name="Copy the text").click()
    read = "navigator.clipboard.readText()"
    expect(ada.page.get_by_role("dialog", name=ACT)).to_be_hidden()
    assert ada.page.evaluate(read) == "see `code`"
    ada.page.evaluate("getSelection().selectAllChildren(document.getElementById('messages'))")
    ada.page.keyboard.press("Control+c")
    first, second = ada.page.evaluate(read).split("\n\n")
    assert first.split("\n")[1:] == ["see `code`"]
    assert second.split("\n")[1:] == ["and this"]


def test_an_edit_that_is_refused_is_kept_with_the_reason(browser: Browser, url: str, room: str) -> None:
    ada, bo = talk(browser, url, room, ADA, BO)
    ada.says("once said")
    bo.sees("once said")
    ada.edits("once said", "a control \a")
    expect(ada.page.get_by_text("a character that cannot be seen")).to_be_visible()
    ada.sees_in_order("once said")
    ada.sees_edited("once said", edited=False)
    ada.page.get_by_role("button", name="Discard").click()
    ada.sees_nothing_on_the_way()
