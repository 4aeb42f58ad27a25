"""Private rooms and direct messages, between people on different workers."""

import secrets

from playwright.sync_api import Browser, expect

from tests.browser.members import Member, come_in, share_a_room, sit_apart
from tests.support.stack import Stack


def test_a_private_room_is_for_those_whom_its_members_add(browser: Browser, stack: Stack, title: str) -> None:
    ana, ben, cleo = come_in(browser, stack.url, "Ana", "Ben", "Cleo")
    sit_apart(ana, ben, stack)
    ana.makes_a_private_room(title, "What we do in spring")
    ana.says("the plan")
    ana.sees("the plan")
    ana.adds(ben)
    ben.follows(f"{ana.name}.* has added you to .*{title}")
    ben.sees_heading(title)
    ben.sees_in_order("the plan")
    expect(ben.page.get_by_text("What we do in spring")).to_be_visible()
    expect(ben.page).to_have_title(f"{title} · Tertulia")
    ben.says("I am in")
    ana.sees_in_order("the plan", "I am in")
    ben.sees_people(*sorted([ana.name, ben.name]))
    expect(ben.rooms("Rooms")).to_have_text(["lobby", title])
    cleo.says("is anything going on?")
    cleo.sees("is anything going on?")
    expect(cleo.rooms("Rooms")).to_have_text(["lobby"])
    assert title not in cleo.heard()
    assert ana.complaints == ben.complaints == cleo.complaints == []


def test_a_maker_archives_the_room_and_brings_it_back(browser: Browser, url: str, title: str) -> None:
    """Other members see it, and have no say in it."""
    ana, ben = come_in(browser, url, "Ana", "Ben")
    address = ana.makes_a_private_room(title)
    ana.says("worth keeping")
    ana.adds(ben)
    ben.opens(f"/rooms/{address}")
    expect(ben.opens_the_members().get_by_label("Archived")).to_be_hidden()
    ben.page.keyboard.press("Escape")
    archived = ana.opens_the_members().get_by_label("Archived")
    archived.check()
    for each in ana, ben:
        expect(each.page.get_by_text("This room is archived")).to_be_visible()
        expect(each.message).to_be_hidden()
        expect(each.rooms("Archived")).to_have_text([title])
        each.sees("worth keeping")
    ben.page.reload()
    expect(ben.page.get_by_text("This room is archived")).to_be_visible()
    archived.uncheck()
    ben.says("in use again")
    ana.sees("in use again")
    assert ana.complaints == ben.complaints == []


def test_whoever_wrote_something_is_found_by_name_although_they_have_gone(
    browser: Browser, url: str, title: str, room: str
) -> None:
    ana, ben = come_in(browser, url, "Ana", "Ben")
    for each in ana, ben:
        each.opens(f"/rooms/{room}")
    ben.says("off I go")
    ana.sees("off I go")
    ben.context.close()
    expect(ana.page.locator("#people").get_by_text(ben.name)).to_have_count(0, timeout=15_000)
    ana.makes_a_private_room(title)
    ana.adds(ben)


def test_the_maker_changes_the_title_in_its_place(browser: Browser, url: str, title: str) -> None:
    ana, ben = come_in(browser, url, "Ana", "Ben")
    ana.makes_a_private_room(title)
    ana.adds(ben)
    ben.follows("has added you")
    expect(ben.page.get_by_role("button", name="Change title and topic")).to_be_hidden()
    change = ana.page.get_by_role("button", name="Change title and topic")
    change.click()
    ana.page.keyboard.type("not this")
    ana.page.keyboard.press("Escape")
    ana.sees_heading(title)
    expect(change).to_be_focused()
    change.click()
    ana.page.keyboard.type("春の計画")
    ana.page.get_by_role("textbox", name="Topic").fill("As it grows")
    ana.page.keyboard.press("Enter")
    for person in (ana, ben):
        person.sees_heading("春の計画")
        expect(person.page.get_by_text("As it grows")).to_be_visible()
        expect(person.rooms("Rooms")).to_have_text(["lobby", "春の計画"])
    ana.page.get_by_role("button", name="Change title and topic").click()
    ana.page.get_by_role("textbox", name="Title").fill("   ")
    ana.page.keyboard.press("Enter")
    expect(ana.page.get_by_role("textbox", name="Title")).to_have_accessible_description(
        "Give the room a title."
    )


def test_to_leave_a_private_room_is_asked_first(browser: Browser, url: str, title: str) -> None:
    ana, ben, address = share_a_room(browser, url, title)
    ben.leaves(title)
    ben.answers("Cancel")
    expect(ben.rooms("Rooms")).to_have_text(["lobby", title])
    ben.opens_the_members().get_by_role("button", name="Leave this room").click()
    ben.answers("Leave")
    ben.is_in("lobby")
    expect(ben.rooms("Rooms")).to_have_text(["lobby"])
    assert address not in ben.kept()
    ana.sees_people(ana.name)


def test_a_conversation_begins_at_a_name(browser: Browser, stack: Stack) -> None:
    """Among the people, and at a message. It is the same one, from whichever side it begins."""
    ana, ben = come_in(browser, stack.url, "Ana", "Ben")
    sit_apart(ana, ben, stack)
    people = ana.page.locator("#people")
    expect(people.get_by_role("button", name=ben.name, exact=True)).to_be_visible()
    expect(people.get_by_role("button", name=ana.name, exact=True)).to_have_count(0)
    ana.begins_a_conversation(ben)
    address = ana.page.url
    ana.says("psst")
    ana.sees("psst")
    expect(ben.rooms("Direct messages")).to_have_text([ana.name])
    ben.sees_unread(ana.name, 1)
    text = f"I say this to all {secrets.token_hex(3)}"
    ana.goes_to("lobby")
    ana.says(text)
    row = ben.log.get_by_role("listitem").filter(has_text=text)
    row.get_by_role("button", name=ana.name).click()
    ben.page.get_by_role("button", name=f"Message {ana.name}").click()
    ben.sees_heading(ana.name)
    assert ben.page.url == address
    ben.sees_in_order("psst")
    ben.sees_unread(ana.name, 0)
    expect(ben.page).to_have_title(f"{ana.name} · Tertulia")
    ben.says("what is it?")
    ana.sees_unread(ben.name, 1)
    assert ana.complaints == ben.complaints == []


def test_of_two_people_of_one_name_one_sees_which_is_which(browser: Browser, url: str, title: str) -> None:
    ana, ben = come_in(browser, url, "Ana", "Ben")
    other = Member(browser, url)
    other.signs_in(ben.name)
    ana.makes_a_private_room(title)
    dialog = ana.opens_the_members()
    dialog.get_by_label("Name").fill(ben.name)
    rows = dialog.locator(".candidates").get_by_role("listitem")
    expect(rows).to_have_count(2)
    wanted = str(ben.page.locator("#app").get_attribute("data-id"))[:6]
    rows.filter(has_text=wanted).get_by_role("button").click()
    expect(ben.page.get_by_role("link", name="has added you")).to_be_visible()
    expect(other.rooms("Rooms")).to_have_text(["lobby"])


def test_whoever_signs_out_leaves_nothing_of_it_behind(browser: Browser, url: str, title: str) -> None:
    ana = Member(browser, url)
    ana.comes_in("Ana")
    address = ana.makes_a_private_room(title)
    ana.says("the plan")
    ana.sees_nothing_on_the_way()
    ana.page.reload()
    ana.sees("the plan")
    assert title in ana.kept()
    ana.signs_out()
    ana.sees_heading("Come in")
    kept = ana.kept()
    for secret in (address, title, "the plan"):
        assert secret not in kept


def test_without_a_network_a_private_room_opens_by_its_title(browser: Browser, url: str, title: str) -> None:
    ana = Member(browser, url)
    ana.comes_in("Ana")
    ana.makes_a_private_room(title)
    ana.says("the plan")
    ana.sees_nothing_on_the_way()
    ana.page.reload()
    ana.sees("the plan")
    ana.context.route("**/sio/**", lambda route: route.abort())
    ana.page.reload()
    ana.sees_heading(title)
    ana.sees("the plan")
