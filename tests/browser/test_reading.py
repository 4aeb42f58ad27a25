"""Reading: far back, around one message, what is new, and what was said about something."""

import re
from functools import partial

from playwright.sync_api import Browser, expect

from tests.browser.crowd import fill
from tests.browser.visitors import Visitor
from tests.support.waiting import eventually


def test_two_thousand_messages_can_be_scrolled_through(browser: Browser, url: str, room: str) -> None:
    """Upwards to the first, without a jump and without a hole."""
    fill(url, room, 2000)
    ana = Visitor(browser, url)
    ana.signs_in("Ana", path=f"/rooms/{room}")
    ana.sees_in_view("message 2000")
    ana.page.get_by_role("region", name="Conversation").hover()
    for _ in range(200):
        ana.page.mouse.wheel(0, -4000)
        ana.page.wait_for_timeout(30)  # as quickly as a hand does it
        if ana.log.get_by_text("message 1", exact=True).count():
            break
    expect(ana.page.get_by_text("Loading older messages…")).to_be_hidden()
    ana.page.get_by_role("region", name="Conversation").press("Home")
    ana.sees_in_view("message 1")
    assert ana.log.locator(".text").all_text_contents() == [f"message {n}" for n in range(1, 2001)]
    ana.page.get_by_role("button", name="To the newest").click()
    ana.sees_in_view("message 2000")


def test_the_place_is_held_while_older_messages_come(browser: Browser, url: str, room: str) -> None:
    fill(url, room, 600)
    ana = Visitor(browser, url)
    ana.signs_in("Ana", path=f"/rooms/{room}")
    ana.sees_in_view("message 600")
    row = ana.log.get_by_text("message 420", exact=True)
    row.scroll_into_view_if_needed()
    before = row.bounding_box()
    expect(ana.log.get_by_text("message 350", exact=True)).to_have_count(1)
    assert before is not None
    assert row.bounding_box() == before


def test_an_address_of_a_message_leads_to_it(browser: Browser, url: str, room: str) -> None:
    """However old it is; from there one gets to the newest, and further back."""
    fill(url, room, 1500)
    ana = Visitor(browser, url)
    ana.signs_in("Ana", path="/")
    ana.opens(f"/rooms/{room}#300")
    ana.sees_in_view("message 300")
    expect(ana.log.locator(".pointed")).to_contain_text("message 300")
    expect(ana.log.locator(".pointed .at")).to_be_focused()
    loaded = ana.log.locator(".text").count()
    assert loaded < 800, "only what is around it was loaded"
    ana.page.get_by_role("button", name="To the newest").click()
    ana.sees_in_view("message 1500")


def test_an_excerpt_grows_into_the_rest_of_the_room(browser: Browser, url: str, room: str) -> None:
    fill(url, room, 500)
    ana = Visitor(browser, url)
    ana.opens(f"/rooms/{room}#150")
    ana.sees_in_view("message 150")
    ana.page.get_by_role("region", name="Conversation").hover()
    for _ in range(60):
        ana.page.mouse.wheel(0, 3000)
        ana.page.wait_for_timeout(30)
        if ana.log.get_by_text("message 500", exact=True).count():
            break
    texts = ana.log.locator(".text").all_text_contents()
    assert texts == [f"message {n}" for n in range(int(texts[0].split()[1]), 501)]
    ana.says("and live again")
    ana.sees_in_view("and live again")


def test_one_who_reads_further_up_is_told_what_came_and_led_there(
    browser: Browser, url: str, room: str
) -> None:
    fill(url, room, 100)
    ana, ben = Visitor(browser, url), Visitor(browser, url)
    for person in (ana, ben):
        person.opens(f"/rooms/{room}")
        person.sees_state("Live")
    ana.page.get_by_role("region", name="Conversation").press("Home")
    ana.sees_in_view("message 1")
    for text in ("news", "more news"):
        ben.says(text)
        ben.sees(text)
    ana.sees_in_view("message 1")
    ana.page.bring_to_front()  # in Firefox, only the page in front has the focus
    ana.page.get_by_role("button", name="2 new messages").click()
    ana.sees_in_view("more news")
    expect(ana.page.get_by_role("button", name=re.compile("new"))).to_have_count(0)
    expect(ana.message).to_be_focused()


def test_what_is_loaded_can_be_searched(browser: Browser, url: str, room: str) -> None:
    fill(url, room, 150)
    ana = Visitor(browser, url)
    ana.opens(f"/rooms/{room}")
    ana.sees_in_view("message 150")
    ana.page.get_by_role("button", name="Search", exact=True).click()
    ana.page.keyboard.type("MESSAGE 4")
    search = ana.page.get_by_role("search")
    expect(search.get_by_role("status")).to_have_text("1 of 11")
    ana.sees_in_view("message 49")
    ana.page.keyboard.press("Enter")
    expect(search.get_by_role("status")).to_have_text("2 of 11")
    ana.sees_in_view("message 48")
    ana.page.keyboard.press("Shift+Enter")
    ana.sees_in_view("message 49")
    ana.page.keyboard.press("Escape")
    expect(search).to_be_hidden()
    expect(ana.page.get_by_role("button", name="Search", exact=True)).to_be_focused()


MARKED = """() => [...CSS.highlights.get("found")].map((found) => {
  const range = document.createRange();
  range.setStart(found.startContainer, found.startOffset);
  range.setEnd(found.endContainer, found.endOffset);
  return range.toString();
})"""


def test_a_text_is_found_and_marked_as_it_is_seen(browser: Browser, url: str, room: str) -> None:
    """Whether its marks are typed or not; and not where it goes on in another block."""
    ana = Visitor(browser, url)
    ana.opens(f"/rooms/{room}")
    for text in ("**Bold** téxt, bold *text*", "> bold\n\ntext", "- bold\n- text"):
        ana.says(text)
    expect(ana.log.locator(".text")).to_have_count(3)
    ana.page.get_by_role("button", name="Search", exact=True).click()
    query = ana.page.get_by_role("searchbox")
    for typed, marked in (
        ("bold text", ["Bold téxt", "bold text"]),
        ("**BOLD** TE", ["Bold té", "bold te"]),
        ("bold*", []),
    ):
        query.fill(typed)
        expect(ana.page.get_by_role("search").get_by_role("status")).to_have_text("1 of 1")
        assert ana.page.evaluate(MARKED) == marked


def test_an_entry_of_an_unknown_kind_is_skipped(browser: Browser, url: str, room: str) -> None:
    """As a later release may have written it: it is not shown, and nothing is missing after it."""
    ana = Visitor(browser, url)
    ana.opens(f"/rooms/{room}")
    for text in ("one", "two", "three"):
        ana.says(text)
        ana.sees_nothing_on_the_way()
    key = f"tertulia/{ana.page.locator('#app').get_attribute('data-id')}/kept/{room}"
    cached = f"JSON.parse(localStorage.getItem({key!r}))?.messages"
    eventually(lambda: ana.page.evaluate(f"{cached}?.length") == 3, what="the room is in the cache")
    ana.page.evaluate(
        """(key) => {
            const cached = JSON.parse(localStorage.getItem(key));
            const { id, room, seq, at } = cached.messages[1];
            cached.messages[1] = { id, room, seq, at, wonders: true };
            localStorage.setItem(key, JSON.stringify(cached));
        }""",
        key,
    )
    ana.page.reload()
    ana.sees_state("Live")
    ana.sees_in_order("one", "three")
    ana.says("four")
    ana.sees_in_order("one", "three", "four")
    assert not ana.complaints


def test_the_line_above_what_is_new_moves_on_once_all_was_read(browser: Browser, url: str, room: str) -> None:
    ana, ben = Visitor(browser, url), Visitor(browser, url)
    for person, name in ((ana, "Ana"), (ben, "Ben")):
        person.signs_in(name, path=f"/rooms/{room}")
    for text in ("first", "second"):
        ana.looks_elsewhere(True)
        ben.says(text)
        ana.sees(text)
        expect(ana.log.locator(".message:has(.fresh) .text")).to_have_text(text)
        ana.looks_elsewhere(False)
        eventually(partial(ana.page.evaluate, READ), within=10, what="it was read")


READ = """() => {
  const name = location.pathname.replace("/rooms", "read");
  const mark = Object.keys(localStorage).find((key) => key.endsWith(name));
  const shown = document.querySelectorAll("#messages .message").length;
  return mark && JSON.parse(localStorage[mark]).seq === shown;
}"""
