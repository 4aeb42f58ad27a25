"""Rooms: made by going there, remembered, counted, left."""

from playwright.sync_api import Browser, expect

from tests.browser.visitors import Visitor


def test_a_room_is_made_by_going_there_and_remembered(browser: Browser, url: str, room: str) -> None:
    ana = Visitor(browser, url)
    ana.signs_in("Ana")
    ana.page.evaluate("window.sameDocument = true")
    ana.goes_to(room)
    ana.sees_state("Live")
    ana.says("first!")
    ana.sees_in_order("first!")
    assert ana.page.evaluate("window.sameDocument"), "no page was loaded"
    ana.page.go_back()
    ana.is_in("lobby")
    ana.page.reload()
    ana.sees_unread(room, 0)
    ana.page.get_by_role("link", name=room).click()
    ana.is_in(room)
    ana.sees_in_order("first!")


def test_what_is_said_elsewhere_is_counted_until_it_is_read(browser: Browser, url: str, room: str) -> None:
    ana, ben = Visitor(browser, url), Visitor(browser, url)
    for person, name in ((ana, "Ana"), (ben, "Ben")):
        person.signs_in(name, path=f"/rooms/{room}")
    ana.goes_to("lobby")
    for text in ("one", "two"):
        ben.says(text)
        ben.sees(text)
    ana.sees_unread(room, 2)
    expect(ana.page).to_have_title("(2) lobby · Tertulia")
    ana.page.get_by_role("link", name=room).click()
    ana.sees_unread(room, 0)
    expect(ana.log.locator(".fresh")).to_have_text("New")
    expect(ana.page).to_have_title(f"{room} · Tertulia")


def test_an_address_can_be_sent_to_someone(browser: Browser, url: str, room: str) -> None:
    ana, ben = Visitor(browser, url), Visitor(browser, url)
    ana.signs_in("Ana")
    ana.goes_to(room)
    ana.says("come here")
    ana.sees("come here")
    ben.opens(ana.page.url)
    ben.sees("come here")


def test_each_room_keeps_its_draft(browser: Browser, url: str, room: str) -> None:
    ana = Visitor(browser, url)
    ana.signs_in("Ana", path=f"/rooms/{room}")
    ana.begins_to_type("half a tho")
    ana.goes_to("lobby")
    expect(ana.message).to_have_value("")
    ana.page.reload()
    ana.page.get_by_role("link", name=room).click()
    expect(ana.message).to_have_value("half a tho")


def test_a_room_that_was_left_is_gone_from_the_list(browser: Browser, url: str, room: str) -> None:
    ana = Visitor(browser, url)
    ana.signs_in("Ana", path=f"/rooms/{room}")
    ana.leaves(room)
    ana.is_in("lobby")
    ana.sees_no_room(room)
    ana.page.reload()
    ana.sees_state("Live")
    ana.sees_no_room(room)


def test_a_name_no_room_can_have_is_explained(browser: Browser, url: str) -> None:
    ana = Visitor(browser, url)
    ana.signs_in("Ana")
    field = ana.page.get_by_label("Go to a room, or make one")
    field.fill("日本")
    field.press("Enter")
    expect(field).to_have_accessible_description("A room's name has only a–z, 0–9 and hyphens, at most 32.")
    expect(field).to_be_focused()
