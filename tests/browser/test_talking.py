"""People talk, type, come and go, and are who they say they are."""

from playwright.sync_api import Browser, Dialog, expect

from tests.browser.visitors import Visitor
from tests.support.session import Session
from tests.support.stack import Stack


def arrive(browser: Browser, url: str, room: str, *names: str) -> list[Visitor]:
    people = [Visitor(browser, url) for _ in names]
    for person, name in zip(people, names, strict=True):
        person.signs_in(name, path=f"/rooms/{room}")
    return people


def test_what_one_says_the_other_sees(browser: Browser, url: str, room: str) -> None:
    ana, ben = arrive(browser, url, room, "Ana", "Ben")
    ana.says("Is anybody there?")
    ben.sees("Is anybody there?")
    ben.says("I am.")
    for person in (ana, ben):
        person.sees_in_order("Is anybody there?", "I am.")
        assert person.complaints == [], "neither the scripts nor the content policy complain"


def test_people_on_different_workers_talk_and_see_each_other(
    browser: Browser, stack: Stack, room: str
) -> None:
    ana, ben = arrive(browser, stack.url, room, "Ana", "Ben")
    for number in range(10):
        if ben.route != ana.route:
            break
        if number % 2:  # a visit may take as many turns as there are workers, and come to the same again
            Session(stack.url)
        ben.polls.clear()
        ben.frames.clear()
        ben.opens(f"/rooms/{room}")
        ben.sees_state("Live")
    assert {ana.route, ben.route} == set(stack.workers()), "they sit on different workers"
    for person in (ana, ben):
        person.sees_people("Ana", "Ben")
    ben.begins_to_type("On")
    ana.sees_typing("Ben")
    ben.says("On another worker.")
    ana.sees("On another worker.")
    ana.says("So am I.")
    for person in (ana, ben):
        person.sees_in_order("On another worker.", "So am I.")
    ben.context.close()
    ana.sees_people("Ana")


def test_what_one_person_goes_on_saying_stands_under_one_name(browser: Browser, url: str, room: str) -> None:
    ana, ben = arrive(browser, url, room, "Ana", "Ben")
    for person, text in ((ana, "one"), (ana, "two"), (ben, "three")):
        person.says(text)
        ana.sees(text)
    shown = ana.log.locator(".message:not(.continued) .author")
    expect(shown).to_have_text(["Ana", "Ben"])
    expect(ana.log.locator(".mine .author")).to_have_text(["Ana", "Ana"])


def test_enter_sends_and_shift_enter_breaks_the_line(browser: Browser, url: str, room: str) -> None:
    (ana,) = arrive(browser, url, room, "Ana")
    ana.begins_to_type("first")
    ana.message.press("Shift+Enter")
    ana.begins_to_type("second")
    ana.message.press("Enter")
    ana.sees_in_order("first\nsecond")
    expect(ana.message).to_have_value("")
    expect(ana.message).to_be_focused()


def test_one_sees_who_types_until_it_is_said_or_given_up(browser: Browser, url: str, room: str) -> None:
    ana, ben, cleo = arrive(browser, url, room, "Ana", "Ben", "Cleo")
    ben.begins_to_type("Well")
    ana.sees_typing("Ben")
    cleo.begins_to_type("I")
    ana.sees_typing("Ben", "Cleo")
    ben.message.press("Enter")
    ana.sees_typing("Cleo", within=4)  # before it would be over without a word
    ana.sees_typing()
    expect(cleo.message).to_have_value("I")
    cleo.sees_typing()


def test_people_come_and_go(browser: Browser, url: str, room: str) -> None:
    ana, ben = arrive(browser, url, room, "Ana", "Ben")
    ana.sees_people("Ana", "Ben")
    ben.sees_people("Ana", "Ben")
    ben.context.close()
    ana.sees_people("Ana")


def test_one_person_in_several_tabs_is_there_once_and_leaves_with_the_last(
    browser: Browser, url: str, room: str
) -> None:
    ana, ben = arrive(browser, url, room, "Ana", "Ben")
    tab = ben.opens_a_tab()
    tab.opens(f"/rooms/{room}")
    tab.sees_state("Live")
    ana.sees_people("Ana", "Ben")
    ben.page.close()
    tab.says("still here")
    ana.sees("still here")
    ana.sees_people("Ana", "Ben")
    tab.page.close()
    ana.sees_people("Ana")


def test_two_of_one_name_are_two(browser: Browser, url: str, room: str) -> None:
    ana, other = arrive(browser, url, room, "Ana", "Ana")
    ana.sees_people("Ana", "Ana")
    other.says("I am the other one.")
    ana.sees("I am the other one.")
    expect(ana.log.locator(".mine")).to_have_count(0)


def test_a_guest_is_someone_too_and_can_take_a_name(browser: Browser, url: str, room: str) -> None:
    guest = Visitor(browser, url)
    guest.opens(f"/rooms/{room}")
    guest.sees_state("Live")
    guest.says("as a guest")
    guest.sees("as a guest")
    guest.page.get_by_role("link", name="Change name").click()
    guest.page.get_by_label("Your name").fill("Dora")
    guest.page.keyboard.press("Enter")
    guest.is_in(room)
    guest.sees_state("Live")
    guest.says("as Dora")
    expect(guest.log.locator(".mine")).to_have_count(2)
    guest.sees_people("Dora")


def test_a_name_that_cannot_be_is_explained_beside_its_field(browser: Browser, url: str) -> None:
    ana = Visitor(browser, url)
    ana.enters("x" * 41)
    field = ana.page.get_by_label("Your name")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description("The name is too long: 41 of at most 40 characters.")


def test_signing_out_ends_every_tab_and_leaves_nothing_to_the_next(
    browser: Browser, url: str, room: str
) -> None:
    (ana,) = arrive(browser, url, room, "Ana")
    ana.says("my secret")
    ana.sees("my secret")
    tab = ana.opens_a_tab()
    tab.opens(f"/rooms/{room}")
    tab.sees_state("Live")
    hers = f"tertulia/{ana.page.locator('#app').get_attribute('data-id')}/"
    ana.signs_out()
    expect(ana.page).to_have_url(f"{url}/sign-in")
    expect(tab.page.locator("#name")).not_to_have_text("Ana")
    assert [key for key in ana.page.evaluate("Object.keys(localStorage)") if key.startswith(hers)] == []


def test_what_was_not_sent_does_not_go_out_under_another_name(browser: Browser, url: str, room: str) -> None:
    """Whoever signs out with messages on the way is asked first."""
    ana, ben = arrive(browser, url, room, "Ana", "Ben")
    ana.context.route("**/sio/**", lambda route: route.abort())
    ana.page.reload()
    ana.says("Ana's alone")
    asked: list[str] = []

    def agree(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    ana.page.on("dialog", agree)
    ana.signs_out()
    expect(ana.page.get_by_label("Your name")).to_be_visible()
    assert asked == ["1 message was not sent yet. Sign out and lose it?"]
    ana.context.unroute_all()
    ana.signs_in("Eve", path=f"/rooms/{room}")
    ana.says("I am Eve")
    ben.sees_in_order("I am Eve")
