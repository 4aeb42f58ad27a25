"""A moderator at work, and what the others see of it."""

import re

from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import ADMIN_CODE
from tests.browser.test_accessible import violations
from tests.browser.test_keyboard import tab_to
from tests.browser.visitors import Visitor

ACT = "What to do with this message"


class Moderator(Visitor):
    """Somebody who knows the moderators' code."""

    def takes_the_badge(self, code: str = ADMIN_CODE) -> None:
        self.opens_the_side()
        self.page.get_by_role("link", name="Moderate", exact=True).click()
        self.page.get_by_label("Moderators' code").fill(code)
        self.page.get_by_role("button", name="Moderate").click()

    def picks_the_message(self, text: str) -> Locator:
        row = self.log.get_by_role("listitem").filter(has_text=text)
        row.hover()
        row.get_by_role("button", name=ACT).click()
        self.page.get_by_role("button", name="Moderate this message").click()
        return self.page.get_by_role("dialog")

    def picks_the_person(self, name: str) -> Locator:
        row = self.page.locator("#people").get_by_role("listitem").filter(has_text=name)
        row.hover()
        row.get_by_role("button", name="Moderate this person").click()
        return self.page.get_by_role("dialog", name=name)

    def opens_the_rules(self) -> Locator:
        self.page.get_by_role("button", name="Rules and moderation").click()
        return self.page.get_by_role("dialog")


def come_in(browser: Browser, url: str, room: str) -> tuple[Moderator, Visitor]:
    mia, ann = Moderator(browser, url), Visitor(browser, url)
    for person, name in ((mia, "Mia"), (ann, "Ann")):
        person.signs_in(name, path=f"/rooms/{room}")
    mia.takes_the_badge()
    mia.sees_state("Live")
    return mia, ann


def test_the_code_makes_a_moderator_and_nothing_else_does(browser: Browser, moderated: str) -> None:
    mia = Moderator(browser, moderated)
    mia.signs_in("Mia")
    expect(mia.page.get_by_role("button", name="Rules and moderation")).to_be_hidden()
    mia.takes_the_badge("a guess")
    field = mia.page.get_by_label("Moderators' code")
    expect(field).to_have_accessible_description("This is not the moderators' code.")
    field.fill(ADMIN_CODE)
    field.press("Enter")
    expect(mia.page.get_by_role("button", name="Rules and moderation")).to_be_visible()
    expect(mia.page.get_by_role("link", name="Moderate", exact=True)).to_have_count(0)


def test_a_deleted_message_leaves_a_calm_line(browser: Browser, moderated: str, room: str) -> None:
    """For those here at once, and for those who come back or come later."""
    mia, ann = come_in(browser, moderated, room)
    for text in ("one", "something rude", "three"):
        ann.says(text)
        mia.sees(text)
    mia.picks_the_message("something rude").get_by_role("button", name="Delete this message").click()
    for person in (mia, ann):
        person.sees_in_order("one", "Message deleted", "three")
        expect(person.log.locator(".author")).to_have_text(["Ann", "", "Ann"])
        expect(person.log.locator(".message:not(.continued) .author")).to_have_text(["Ann", "Ann"])
    ann.page.reload()
    ann.sees_in_order("one", "Message deleted", "three")
    expect(ann.log.locator(".message:not(.continued) .author")).to_have_text(["Ann", "Ann"])
    assert "rude" not in str(ann.page.evaluate("JSON.stringify(localStorage)"))
    ann.says("four")
    ann.sees_in_order("one", "Message deleted", "three", "four")
    assert ann.complaints == mia.complaints == []


def test_one_who_was_away_learns_of_a_deletion(browser: Browser, moderated: str, room: str) -> None:
    mia, ann = come_in(browser, moderated, room)
    ann.says("something rude")
    mia.sees("something rude")
    ann.context.set_offline(True)
    mia.picks_the_message("something rude").get_by_role("button", name="Delete this message").click()
    mia.sees_in_order("Message deleted")
    ann.sees_in_order("something rude")
    ann.context.set_offline(False)
    ann.sees_in_order("Message deleted")


def test_somebody_muted_is_told_so(browser: Browser, moderated: str, room: str) -> None:
    mia, ann = come_in(browser, moderated, room)
    dialog = mia.picks_the_person("Ann")
    dialog.get_by_label("For").select_option("an hour")
    dialog.get_by_role("button", name="Mute").click()
    line = ann.page.get_by_text(re.compile("You are muted for (1 hour|60 minutes). You can go on reading."))
    expect(line).to_be_visible()
    expect(ann.message).not_to_be_editable()
    mia.says("hello, Ann")
    ann.sees("hello, Ann")
    rules = mia.opens_the_rules()
    rules.get_by_role("button", name="Lift it from Ann").click()
    expect(rules.get_by_text("Nobody", exact=True)).to_be_visible()
    expect(ann.message).to_be_editable()
    ann.says("thank you")
    mia.sees("thank you")


def test_somebody_banned_is_out_and_told_why(browser: Browser, moderated: str, room: str) -> None:
    mia, ann = come_in(browser, moderated, room)
    ann.says("something rude")
    dialog = mia.picks_the_message("something rude")
    dialog.get_by_label("For").select_option("a day")
    dialog.get_by_role("button", name="Ban").click()
    expect(ann.page.get_by_role("status")).to_contain_text("You are banned for")


def test_a_locked_room_says_so(browser: Browser, moderated: str, room: str) -> None:
    mia, ann = come_in(browser, moderated, room)
    rules = mia.opens_the_rules()
    rules.get_by_label("Locked: only moderators can write").check()
    expect(rules.get_by_text("locked " + room)).to_be_visible()
    expect(rules.locator(".done li").first).to_contain_text("\u2068Mia\u2069 (")
    expect(ann.page.get_by_text("This room is locked: only moderators can write.")).to_be_visible()
    expect(ann.message).not_to_be_editable()
    mia.page.keyboard.press("Escape")
    mia.says("quiet, please")
    ann.sees("quiet, please")
    mia.opens_the_rules().get_by_label("Locked: only moderators can write").uncheck()
    ann.says("may I?")
    mia.sees("may I?")


def test_an_archived_room_can_be_read_and_has_no_field_until_it_is_brought_back(
    browser: Browser, moderated: str, room: str
) -> None:
    mia, ann = come_in(browser, moderated, room)
    ann.says("worth keeping")
    mia.sees("worth keeping")
    archived = mia.opens_the_rules().get_by_label("Archived")
    archived.check()
    for each in mia, ann:
        expect(each.page.get_by_text("This room is archived")).to_be_visible()
        expect(each.message).to_be_hidden()
        expect(each.page.locator("#archived")).to_contain_text(room)
        each.sees("worth keeping")
    archived.uncheck()
    expect(ann.page.locator("#rooms")).to_contain_text(room)
    ann.says("in use again")
    mia.sees("in use again")


def test_in_a_slow_room_a_message_waits_its_turn(browser: Browser, moderated: str, room: str) -> None:
    """Nothing that was written fails."""
    mia, ann = come_in(browser, moderated, room)
    mia.opens_the_rules().get_by_label("One message from each in").select_option("5 seconds")
    expect(ann.page.get_by_text("This room is slow: one message in 5 seconds.")).to_be_visible()
    ann.says("one")
    ann.says("two")
    ann.sees("one")
    ann.sees_in_order("one")
    expect(ann.log.locator(".text")).to_have_text(["one", "two"])


def test_a_moderator_needs_no_mouse(browser: Browser, moderated: str, room: str) -> None:
    mia, ann = come_in(browser, moderated, room)
    ann.says("something rude")
    mia.sees("something rude")
    mia.page.bring_to_front()  # in Firefox, only the page in front has the focus
    mia.message.focus()
    tab_to(mia, mia.page.get_by_role("button", name=ACT), back=True)
    mia.page.keyboard.press("Enter")
    moderate = mia.page.get_by_role("button", name="Moderate this message")
    tab_to(mia, moderate)
    mia.page.keyboard.press("Enter")
    expect(mia.page.get_by_role("button", name="Delete this message")).to_be_focused()
    mia.page.keyboard.press("Enter")
    mia.sees_in_order("Message deleted")
    expect(mia.page.get_by_role("button", name=ACT)).to_be_focused()


def test_what_moderators_see_is_accessible(browser: Browser, moderated: str, room: str) -> None:
    mia = Moderator(browser, moderated)
    mia.signs_in("Mia", path=f"/rooms/{room}")
    mia.takes_the_badge()
    mia.says("hello")
    mia.sees("hello")
    assert violations(mia) == []
    dialog = mia.picks_the_message("hello")
    assert violations(mia) == []
    dialog.get_by_role("button", name="Close").click()
    mia.opens_the_rules()
    expect(mia.page.get_by_text("became a moderator").first).to_be_visible()
    assert violations(mia) == []
