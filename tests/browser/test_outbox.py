"""What somebody writes without a connection is kept, and arrives once and in order when there is one."""

from functools import partial

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.visitors import Visitor
from tests.support.stack import Stack
from tests.support.waiting import eventually

WRITTEN = ["one", "two", "three"]

# The service worker is there, and the page is kept for it (with all its files, or not at all).
OPENS_OFFLINE = """async () => {
  const worker = await navigator.serviceWorker.getRegistration();
  const page = await caches.match("/"); // for every room
  return Boolean(worker?.active && page);
}"""


def test_messages_written_offline_survive_a_reload_and_arrive_once_in_order(
    browser: Browser, url: str, room: str
) -> None:
    ana, ben = Visitor(browser, url), Visitor(browser, url)
    arrive(room, ana, ben)

    ana.context.set_offline(True)
    # The reason stands in the same element.
    expect(ana.page.get_by_role("status")).to_contain_text("Not live You are offline.")
    write_and_reload(ana)
    assert messages(ben) == [], "nothing left the browser while it was offline"

    ana.context.set_offline(False)
    sees_at_the_end(ben, WRITTEN)
    sees_at_the_end(ana, WRITTEN)


def test_messages_written_to_a_dead_server_survive_a_reload_and_arrive_once_in_order(
    browser: Browser, stack: Stack, room: str
) -> None:
    ana, ben = Visitor(browser, stack.url), Visitor(browser, stack.url)
    arrive(room, ana, ben)

    nginx = stack.container("nginx")
    nginx.kill()
    expect(ana.page.get_by_role("status")).to_contain_text("Reconnecting…")
    write_and_reload(ana)

    nginx.start()
    sees_at_the_end(ben, WRITTEN)
    sees_at_the_end(ana, WRITTEN)


def test_two_tabs_of_one_person_send_each_message_once(browser: Browser, url: str, room: str) -> None:
    ana, ben = Visitor(browser, url), Visitor(browser, url)
    arrive(room, ana, ben)
    tab = ana.context.new_page()
    tab.goto(f"/rooms/{room}")
    expect(tab.get_by_role("status")).to_have_text("Live")

    ana.context.set_offline(True)
    for number, page in enumerate([ana.page, tab, ana.page, tab]):
        page.get_by_label("Message", exact=True).fill(f"tab {number}")
        page.keyboard.press("Enter")
    for page in (ana.page, tab):
        expect(pending(page)).to_have_count(4)

    ana.context.set_offline(False)
    sees_at_the_end(ben, [f"tab {number}" for number in range(4)])
    for page in (ana.page, tab):
        expect(pending(page)).to_have_count(0)


def test_a_message_the_server_will_not_take_can_be_edited_by_keyboard(
    browser: Browser, url: str, room: str
) -> None:
    ana = Visitor(browser, url)
    arrive(room, ana)
    ana.says("it rings: \a")
    expect(ana.page.get_by_role("alert").filter(has_text="cannot be seen")).to_be_visible()

    ana.page.get_by_role("button", name="Edit").press("Enter")
    expect(ana.message).to_be_focused()
    expect(ana.message).to_have_value("it rings: \a")
    expect(pending(ana.page)).to_have_count(0)
    ana.says("short")
    sees_at_the_end(ana, ["short"])


def test_who_is_too_fast_is_told_so_quietly_and_everything_arrives_in_order(
    browser: Browser, strict: str
) -> None:
    """Nothing is marked as failed, nothing has to be done, and nobody is told of trouble."""
    ana, ben = Visitor(browser, strict), Visitor(browser, strict)
    for visitor in (ana, ben):
        visitor.opens("/")
        visitor.sees_state("Live")
    texts = [f"line {number}" for number in range(8)]
    # At once, since a slow browser would not be too fast.
    ana.page.evaluate(
        """(texts) => {
          const form = document.getElementById("form");
          for (const text of texts) {
            form.elements.message.value = text;
            form.requestSubmit();
          }
        }""",
        texts,
    )
    hint = ana.page.get_by_role("list", name="On the way").get_by_text("sent by itself")
    expect(hint).to_have_count(1)
    ana.sees_state("Live")
    sees_at_the_end(ben, texts)
    sees_at_the_end(ana, texts)
    expect(hint).to_have_count(0)
    expect(ana.page.get_by_role("alert").filter(has_text="messages a second")).to_have_count(0)


def arrive(room: str, *visitors: Visitor) -> None:
    for visitor in visitors:
        visitor.opens(f"/rooms/{room}")
        visitor.sees_state("Live")
        keeps_the_page(visitor)


def keeps_the_page(visitor: Visitor) -> None:
    """Wait until it can be opened without a network."""
    keeps = partial(visitor.page.evaluate, OPENS_OFFLINE)
    eventually(keeps, what="the page is kept for opening offline")


def write_and_reload(visitor: Visitor) -> None:
    for text in WRITTEN:
        visitor.says(text)
    visitor.page.reload()
    expect(pending(visitor.page)).to_have_text(WRITTEN)


def pending(page: Page) -> Locator:
    return page.get_by_role("list", name="On the way").locator(".text")


def messages(visitor: Visitor) -> list[str]:
    """The texts in the room as this visitor sees them, oldest first."""
    return visitor.page.get_by_role("log").locator(".text").all_text_contents()


def sees_at_the_end(visitor: Visitor, texts: list[str]) -> None:
    """Exactly these messages are in the room, none is on its way, and the page says that it is live."""
    expect(visitor.page.get_by_role("log").locator(".text")).to_have_text(texts)
    expect(pending(visitor.page)).to_have_count(0)
    visitor.sees_state("Live")


def test_a_text_that_is_too_long_is_refused_at_once_and_can_be_shortened(
    browser: Browser, url: str, room: str
) -> None:
    ana = Visitor(browser, url)
    ana.signs_in("Ana", path=f"/rooms/{room}")
    for text in ("x" * 70_000, "\u6f22" * 22_000):
        ana.says(text)
        expect(ana.page.get_by_role("alert").filter(has_text="the most is 4000")).to_be_visible()
        expect(ana.message).to_have_value(text)
    ana.sees_state("Live")
    ana.says("short")
    ana.sees_in_order("short")
