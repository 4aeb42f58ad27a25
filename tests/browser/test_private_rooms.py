"""Private rooms and direct messages, between people on different workers."""

import re
import secrets

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.members import Member, come_in, sit_apart
from tests.browser.test_accessible import violations
from tests.browser.test_keyboard import tab_to
from tests.support.stack import Stack

NOWHERE = f"p-{'a' * 26}"


@pytest.fixture
def title() -> str:
    """Of a room, in a script of its own."""
    return f"Plänung für März {secrets.token_hex(3)}"


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


def test_to_a_stranger_a_private_room_is_as_one_that_is_not_there(
    browser: Browser, url: str, title: str
) -> None:
    ana, cleo = come_in(browser, url, "Ana", "Cleo")
    address = ana.makes_a_private_room(title)
    ana.says("the plan")
    ana.sees("the plan")
    seen = []
    for room in (address, NOWHERE):
        cleo.opens(f"/rooms/{room}")
        expect(cleo.page.get_by_text("There is no such room.")).to_be_visible()
        cleo.sees_heading("No such room")
        cleo.sees_no_room(room)
        seen.append(cleo.page.locator("body").inner_text())
        expect(cleo.message).to_be_hidden()
    assert seen[0] == seen[1]
    for secret in (title, "the plan", ana.name):
        assert secret not in cleo.page.content()
    assert title not in cleo.heard()
    cleo.page.get_by_role("link", name="Go to the lobby").click()
    cleo.is_in("lobby")
    cleo.says("here I may write")
    cleo.sees("here I may write")


def test_who_is_put_out_while_looking_is_told_so_and_keeps_nothing(
    browser: Browser, stack: Stack, title: str
) -> None:
    ana, ben = come_in(browser, stack.url, "Ana", "Ben")
    sit_apart(ana, ben, stack)
    address = ana.makes_a_private_room(title)
    ana.says("the plan")
    ana.adds(ben)
    ben.follows("has added you")
    ben.sees("the plan")
    ben.begins_to_type("half a tho")
    dialog = ana.opens_the_members()
    dialog.get_by_role("button", name=f"Remove {ben.name}").click()
    ana.answers("Cancel")
    ben.sees("the plan")
    expect(dialog.get_by_role("button", name=f"Remove {ben.name}")).to_be_focused()
    ana.page.keyboard.press("Escape")
    ana.removes(ben)
    expect(ben.page.get_by_text(f"You are no longer in \u2068{title}\u2069.")).to_be_visible()
    expect(ben.message).to_be_hidden()
    expect(ben.rooms("Rooms")).to_have_text(["lobby"])
    expect(ben.log.get_by_role("listitem")).to_have_count(0)
    kept = ben.kept()
    for secret in (address, title, "the plan", "half a tho"):
        assert secret not in kept
    ana.says("without Ben")
    ana.sees("without Ben")
    ben.page.get_by_role("link", name="Go to the lobby").click()
    ben.is_in("lobby")
    ben.says(f"I was in {title}")
    ben.sees(f"I was in {title}")
    assert "without Ben" not in ben.heard()
    expect(ben.message).to_have_value("")


def test_who_is_put_out_while_away_learns_it_when_back(browser: Browser, url: str, title: str) -> None:
    ana, ben = come_in(browser, url, "Ana", "Ben")
    address = ana.makes_a_private_room(title)
    ana.says("the plan")
    ana.adds(ben)
    ben.follows("has added you")
    ben.sees("the plan")
    ben.context.set_offline(True)
    ben.says("is it on?")
    expect(ben.page.locator("#pending").get_by_text("is it on?")).to_be_visible()
    ana.removes(ben)
    ben.context.set_offline(False)
    expect(ben.page.get_by_text("You are no longer in")).to_be_visible()
    assert address not in ben.kept()
    ana.sees_in_order("the plan")


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
    ana, ben = come_in(browser, url, "Ana", "Ben")
    address = ana.makes_a_private_room(title)
    ana.says("the plan")
    ana.adds(ben)
    ben.follows("has added you")
    ben.sees("the plan")
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


def test_on_a_phone(browser: Browser, url: str, title: str) -> None:
    """All of it, by touch."""
    phone = Member(browser, url, viewport={"width": 390, "height": 800}, has_touch=True)
    ben = Member(browser, url)
    phone.comes_in("Ana")
    ben.comes_in("Ben")
    phone.makes_a_private_room(
        title, "A topic that is long enough to be cut off where the window is as narrow"
    )
    phone.page.get_by_role("button", name="Members").tap()
    dialog = phone.page.get_by_role("dialog", name="Members of")
    expect(dialog.get_by_text("as narrow")).to_be_in_viewport()
    dialog.get_by_label("Name").fill(ben.name)
    dialog.get_by_role("button", name="Add").tap()
    dialog.get_by_role("button", name="Close").tap()
    assert not phone.has_to_scroll_sideways()
    ben.follows("has added you")
    ben.says("here I am")
    phone.log.get_by_role("button", name=ben.name).tap()
    phone.page.get_by_role("button", name=f"Message {ben.name}").tap()
    phone.sees_heading(ben.name)
    phone.says("psst")
    ben.sees_unread(phone.name, 1)


def test_by_keyboard_alone(browser: Browser, url: str, title: str) -> None:
    ana, ben = come_in(browser, url, "Ana", "Ben")
    page, keys = ana.page, ana.page.keyboard
    tab_to(ana, page.get_by_label("Go to a room, or make one"), back=True)
    keys.type(title)
    tab_to(ana, page.get_by_role("radio", name="Open"))
    keys.press("ArrowRight")
    tab_to(ana, page.get_by_role("textbox", name="Topic", exact=True))
    keys.type("Spring")
    keys.press("Enter")
    ana.sees_heading(title)
    expect(ana.message).to_be_focused()
    ana.sees_state("Live")

    opener = page.get_by_role("button", name="Members")
    tab_to(ana, opener, back=True)
    keys.press("Enter")
    dialog = page.get_by_role("dialog", name="Members of")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    tab_to(ana, dialog.get_by_label("Name"), back=True)
    keys.type(ben.name)
    tab_to(ana, dialog.get_by_role("button", name=f"Add {ben.name}"))
    keys.press("Enter")
    expect(dialog.get_by_label("Name")).to_be_focused()
    tab_to(ana, dialog.get_by_role("button", name=f"Remove {ben.name}"), back=True)
    keys.press("Enter")
    expect(page.get_by_role("alertdialog").get_by_role("button", name="Remove")).to_be_focused()
    keys.press("Escape")
    expect(dialog.get_by_role("button", name=f"Remove {ben.name}")).to_be_focused()
    keys.press("Escape")
    expect(opener).to_be_focused()

    ben.follows("has added you")
    ben.says("here I am")
    ana.sees("here I am")
    ana.message.focus()
    tab_to(ana, ana.log.get_by_role("button", name=ben.name), back=True)
    keys.press("Enter")
    expect(page.get_by_role("button", name=f"Message {ben.name}")).to_be_focused()
    keys.press("Escape")
    expect(ana.log.get_by_role("button", name=ben.name)).to_be_focused()
    keys.press("Enter")
    keys.press("Enter")
    ana.sees_heading(ben.name)
    expect(ana.message).to_be_focused()


@pytest.mark.parametrize("width", [390, 1440])
def test_all_of_it_is_accessible(browser: Browser, url: str, title: str, width: int) -> None:
    ana = Member(browser, url, viewport={"width": width, "height": 800})
    ben = Member(browser, url)
    ana.comes_in("Ana")
    ben.comes_in("Ben")
    ana.opens_the_side()
    ana.page.get_by_label("Go to a room, or make one").fill(title)
    ana.page.get_by_role("radio", name="Private").check()
    assert violations(ana) == []
    ana.makes_a_private_room(title, "Spring")
    ana.says("hello")
    ana.sees("hello")
    assert violations(ana) == []
    ana.adds(ben)
    ben.follows("has added you")
    ben.begins_a_conversation(ana)
    expect(ana.page.get_by_role("link", name="has begun a conversation with you")).to_be_visible()
    assert violations(ana) == []
    ana.page.get_by_role("button", name="Change title and topic").click()
    assert violations(ana) == []
    ana.page.keyboard.press("Escape")
    dialog = ana.opens_the_members()
    assert violations(ana) == []
    dialog.get_by_role("button", name="Remove").click()
    assert violations(ana) == []
    ana.answers("Remove")
    ana.page.keyboard.press("Escape")
    ana.opens(f"/rooms/{NOWHERE}")
    expect(ana.page.get_by_text("There is no such room.")).to_be_visible()
    assert violations(ana) == []


def test_a_spanish_page_says_it_in_spanish(browser: Browser, url: str, title: str) -> None:
    ana = Member(browser, url, locale="es-ES")
    ben = Member(browser, url)
    ben.comes_in("Ben")
    ana.opens("/")
    ana.sees_state("En directo")
    ana.page.get_by_label("Ir a una sala o crear una").fill(title)
    ana.page.get_by_role("radio", name="Privada").check()
    expect(ana.page.get_by_text("Solo la ve quien sus miembros añadan.")).to_be_visible()
    ana.page.keyboard.press("Enter")
    ana.sees_heading(title)
    ana.page.get_by_role("button", name="Miembros").click()
    ana.page.get_by_role("button", name=f"Añadir a {ben.name}").click()
    ana.page.get_by_role("button", name=f"Quitar a {ben.name}").click()
    expect(ana.page.get_by_role("alertdialog")).to_have_accessible_name(
        re.compile(f"¿Quitar a .{ben.name}.\\?")
    )
    ana.page.get_by_role("button", name="Cancelar").last.click()
    ben.follows("has added you")
    ben.says("hola")
    ana.sees("hola")
    assert "undefined" not in ana.page.locator("body").inner_text()
