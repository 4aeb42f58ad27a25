"""Everything by keyboard alone: no click in this file."""

from playwright.sync_api import Browser, Locator, expect

from tests.browser.crowd import fill
from tests.browser.talkers import ACT, Talker
from tests.browser.visitors import Visitor


def tab_to(visitor: Visitor, wanted: Locator, back: bool = False) -> None:
    """Press Tab until the wanted thing has the focus, which has to be seen on it."""
    for _ in range(60):
        if wanted.evaluate("element => element === document.activeElement"):
            outline = wanted.evaluate(
                "e => getComputedStyle(e).outlineStyle + getComputedStyle(e.parentElement).boxShadow"
            )
            assert outline != "nonenone", "the focus is not seen"
            return
        visitor.page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"Tab does not lead to {wanted}")


def test_come_in_talk_go_to_a_room_leave_it_and_sign_out(browser: Browser, url: str, room: str) -> None:
    ana = Visitor(browser, url)
    page, keys = ana.page, ana.page.keyboard
    ana.opens("/sign-in")
    expect(page.get_by_label("Your name")).to_be_focused()
    keys.type("Ana")
    keys.press("Enter")
    ana.sees_state("Live")

    expect(ana.message).to_be_focused()
    tab_to(ana, page.get_by_label("Go to a room, or make one"), back=True)
    keys.type(room)
    keys.press("Enter")
    ana.is_in(room)
    expect(ana.message).to_be_focused()
    ana.sees_state("Live")
    keys.type("by keyboard")
    keys.press("Enter")
    ana.sees("by keyboard")

    tab_to(ana, page.get_by_role("link", name="lobby"), back=True)
    keys.press("Enter")
    ana.is_in("lobby")
    tab_to(ana, page.get_by_role("button", name=f"Leave {room}"), back=True)
    keys.press("Enter")
    ana.sees_no_room(room)
    expect(page.get_by_role("link", name="lobby")).to_be_focused()

    tab_to(ana, page.get_by_label("Tell me when I am mentioned"))
    tab_to(ana, page.get_by_role("link", name="Change name"), back=True)
    tab_to(ana, page.get_by_role("button", name="Sign out"))
    keys.press("Enter")
    expect(page.get_by_label("Your name")).to_be_focused()


def test_walk_through_messages_search_and_come_back(browser: Browser, url: str, room: str) -> None:
    fill(url, room, 30)
    ana = Visitor(browser, url)
    page, keys = ana.page, ana.page.keyboard
    ana.opens(f"/rooms/{room}")
    ana.sees_in_view("message 30")
    newest = ana.log.get_by_role("listitem").last.get_by_role("link")
    tab_to(ana, newest, back=True)
    for _ in range(3):
        keys.press("ArrowUp")
    expect(ana.log.get_by_role("listitem").nth(26).get_by_role("link")).to_be_focused()
    keys.press("Enter")
    expect(page).to_have_url(f"{url}/rooms/{room}#27")
    keys.press("Home")
    ana.sees_in_view("message 1")
    tab_to(ana, page.get_by_role("button", name="To the newest"))
    keys.press("Enter")
    ana.sees_in_view("message 30")
    tab_to(ana, page.get_by_role("button", name="Search", exact=True), back=True)
    keys.press("Enter")
    keys.type("message 7")
    ana.sees_in_view("message 7")
    keys.press("Escape")
    expect(page.get_by_role("button", name="Search", exact=True)).to_be_focused()


def test_the_drawer_of_a_phone(browser: Browser, url: str, room: str) -> None:
    ana = Visitor(browser, url, viewport={"width": 390, "height": 800})
    page, keys = ana.page, ana.page.keyboard
    ana.opens(f"/rooms/{room}")
    ana.sees_state("Live")
    opener = page.get_by_role("button", name="Rooms and people")
    tab_to(ana, opener, back=True)
    keys.press("Enter")
    expect(page.get_by_role("button", name="Close")).to_be_focused()
    keys.press("Escape")
    expect(opener).to_be_focused()
    keys.press("Enter")
    tab_to(ana, page.get_by_role("link", name="lobby"))
    keys.press("Enter")
    ana.is_in("lobby")
    expect(ana.message).to_be_focused()


def test_what_one_does_with_a_message_ends_in_its_row(browser: Browser, url: str, room: str) -> None:
    """Or in the field, where an answer is written."""
    fill(url, room, 1)
    ana = Talker(browser, url)
    ana.signs_in("Ana", path=f"/rooms/{room}")
    page, keys = ana.page, ana.page.keyboard
    keys.type("so it was")
    keys.press("Enter")
    ana.sees("so it was")
    row = ana.row("so it was")
    at, act = row.locator(".at"), row.get_by_role("button", name=ACT)

    def choose(name: str, back: bool = False) -> None:
        tab_to(ana, act, back)
        keys.press("Enter")
        tab_to(ana, page.get_by_role("dialog", name=ACT).get_by_role("button", name=name))
        keys.press("Enter")

    choose("React with 🎉", back=True)
    ana.sees_reactions("so it was", "[🎉1]")
    expect(act).to_be_focused()
    choose("Pick an emoji")
    expect(page.get_by_label("Search emoji")).to_be_focused()
    keys.press("Escape")
    expect(act).to_be_focused()
    for end in ("Escape", "Enter"):
        choose("Edit")
        expect(page.get_by_label("The message's new text")).to_be_focused()
        keys.press("End")
        keys.type(" once")
        keys.press(end)
        expect(at).to_be_focused()
    ana.sees_edited("so it was once")
    choose("Delete")
    keys.press("Escape")
    expect(act).to_be_focused()
    choose("Reply")
    expect(ana.message).to_be_focused()
    keys.type("no")
    keys.press("Enter")
    ana.sees_in_order("message 1", "so it was once", "no")
    ana.sees_nothing_on_the_way()
    tab_to(ana, ana.log.locator(".quote"), back=True)
    keys.press("Enter")
    expect(at).to_be_focused()
    choose("Delete")
    tab_to(ana, page.get_by_role("alertdialog").get_by_role("button", name="Delete"))
    keys.press("Enter")
    ana.sees_in_order("message 1", "Message deleted", "no")
    gone = ana.log.locator(".message").nth(1).locator(".at")
    expect(gone).to_be_focused()
    keys.press("ArrowUp")
    tab_to(ana, ana.row("message 1").locator("button.author"), back=True)
    keys.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    keys.press("Escape")
    expect(ana.row("message 1").locator("button.author")).to_be_focused()
