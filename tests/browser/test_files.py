"""Files: brought in every way, shown, kept while there is no network, and gone with their message."""

import re

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.conftest import needs_chromium
from tests.browser.files import (
    Given,
    document,
    drops,
    hold_pieces,
    pastes,
    picks,
    picture,
    sees_pictures,
    sees_ready,
    waiting,
)
from tests.browser.test_accessible import violations
from tests.browser.visitors import Visitor
from tests.support.waiting import eventually

HEIGHT = "(log) => log.scrollHeight"
TOP = "(row) => Math.round(row.getBoundingClientRect().top)"


def in_a_room(browser: Browser, url: str, room: str, *names: str, **taste: object) -> list[Visitor]:
    people = [Visitor(browser, url, **taste) for _ in names]
    for person, name in zip(people, names, strict=True):
        person.signs_in(name, path=f"/rooms/{room}")
    return people


def test_files_that_are_picked_dropped_and_pasted_go_with_one_message(
    browser: Browser, url: str, room: str
) -> None:
    ana, ben = in_a_room(browser, url, room, "Ana", "Ben")
    picks(ana, picture("the garden.png"))
    drops(ana, document("the plan.pdf"))
    pastes(ana, picture("copied.png", 90, 2000))
    sees_ready(ana, "the garden.png", "the plan.pdf", "copied.png")
    ana.says("what we have")
    expect(waiting(ana)).to_have_count(0)
    for person in (ana, ben):
        person.sees("what we have")
        sees_pictures(person, "the garden.png", "copied.png")
        card = person.log.get_by_role("link", name="the plan.pdf")
        expect(card).to_contain_text("20 kB")
    with ben.page.expect_download() as download:
        ben.log.get_by_role("link", name="the plan.pdf").click()
    assert download.value.suggested_filename == "the plan.pdf"
    assert download.value.path().read_bytes() == document("the plan.pdf")["buffer"]


def test_a_message_may_have_only_files(browser: Browser, url: str, room: str) -> None:
    ana, ben = in_a_room(browser, url, room, "Ana", "Ben")
    picks(ana, picture("one.png"), picture("two.png"))
    sees_ready(ana, "one.png", "two.png")
    ana.page.keyboard.press("Enter")
    sees_pictures(ben, "one.png", "two.png")
    ben.page.get_by_role("button", name="Search").first.click()
    ben.page.get_by_role("searchbox").fill("TWO.png")
    expect(ben.page.locator("#find .count")).to_have_text("1 of 1")


def test_a_picture_opens_large_and_leads_to_the_others_by_keyboard(
    browser: Browser, url: str, room: str
) -> None:
    (ana,) = in_a_room(browser, url, room, "Ana")
    for name in ("first.png", "second.png"):
        picks(ana, picture(name, 2000, 1500))
        sees_ready(ana, name)
        ana.says(f"this is the {name}")
        ana.sees_nothing_on_the_way()
    ana.log.locator(".at").last.focus()
    ana.page.keyboard.press("Tab")
    expect(ana.log.locator(".picture").last).to_be_focused()
    ana.page.keyboard.press("Enter")
    large = ana.page.get_by_role("dialog", name="Pictures")
    expect(large.get_by_role("img", name="second.png")).to_have_js_property("naturalWidth", 2000)
    assert violations(ana) == []
    ana.page.keyboard.press("ArrowLeft")
    expect(large.get_by_role("img", name="first.png")).to_be_visible()
    ana.page.keyboard.press("ArrowLeft")
    expect(large).to_contain_text("1 of 2")
    ana.page.keyboard.press("Escape")
    expect(large).to_be_hidden()
    expect(ana.log.locator(".picture").first).to_be_focused()


def test_all_of_it_goes_by_keyboard_alone(browser: Browser, url: str, room: str) -> None:
    (ana,) = in_a_room(browser, url, room, "Ana")
    ana.message.focus()
    ana.page.keyboard.press("Shift+Tab")
    with ana.page.expect_file_chooser() as chosen:
        ana.page.keyboard.press("Enter")
    chosen.value.set_files([picture("one.png"), picture("two.png")])
    sees_ready(ana, "one.png", "two.png")
    expect(ana.message).to_be_focused()
    ana.page.keyboard.press("Shift+Tab")
    ana.page.keyboard.press("Shift+Tab")
    expect(ana.page.get_by_role("button", name="Remove two.png")).to_be_focused()
    ana.page.keyboard.press("Enter")
    sees_ready(ana, "one.png")
    expect(ana.page.get_by_role("button", name="Remove one.png")).to_be_focused()
    assert violations(ana) == []


@needs_chromium("makes a screen that is touched")
def test_on_a_telephone_one_takes_a_photo_or_chooses(browser: Browser, url: str, room: str) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    (ana,) = in_a_room(browser, url, room, "Ana", **phone)
    ana.page.get_by_role("button", name="Attach files").tap()
    assert violations(ana) == []
    with ana.page.expect_file_chooser() as chosen:
        ana.page.get_by_role("button", name="Take a photo").tap()
    assert chosen.value.element.get_attribute("capture") == "environment"
    chosen.value.set_files([picture("photo.png", 3000, 4000)])
    sees_ready(ana, "photo.png")
    ana.page.get_by_role("button", name="Send").tap()
    sees_pictures(ana, "photo.png")
    assert not ana.has_to_scroll_sideways()
    ana.log.locator(".picture").tap()
    expect(ana.page.get_by_role("dialog", name="Pictures")).to_be_visible()
    ana.page.get_by_role("button", name="Close").last.tap()
    expect(ana.page.get_by_role("dialog", name="Pictures")).to_be_hidden()


def test_a_wide_picture_is_whole_on_a_narrow_screen(browser: Browser, url: str, room: str) -> None:
    """It keeps its shape, and its place before it comes."""
    (ana,) = in_a_room(browser, url, room, "Ana", viewport={"width": 390, "height": 844})
    picks(ana, picture("wide.png", 1280, 480))
    sees_ready(ana, "wide.png")
    held: list[Route] = []
    ana.context.route("**/thumbnail", lambda route: held.append(route))
    ana.page.keyboard.press("Enter")
    shown = ana.log.locator(".picture img")
    expect(shown).to_be_visible()
    eventually(lambda: (ana.page.evaluate("0"), held)[1], what="the thumbnail is asked for")
    before = shown.bounding_box()
    assert before is not None
    assert before["width"] < 320
    assert before["width"] / before["height"] == pytest.approx(1280 / 480, rel=0.01)
    held[0].continue_()
    sees_pictures(ana, "wide.png")
    assert shown.bounding_box() == before


def test_an_upload_goes_on_where_it_was_after_the_line_broke(browser: Browser, url: str, room: str) -> None:
    ana, ben = in_a_room(browser, url, room, "Ana", "Ben")
    held = hold_pieces(ana)
    picks(ana, document("large.pdf", 3_000_000))
    eventually(lambda: (ana.page.evaluate("0"), held)[1], what="a piece is on its way")
    ana.context.set_offline(True)
    held[0].abort()
    ana.context.unroute("**/uploads/**")
    expect(waiting(ana)).to_contain_text("Waiting for the network")
    ana.says("the large one")
    ana.says("and this without")
    chips = ana.page.locator("#pending .chip")
    expect(chips).to_contain_text("large.pdf")
    ana.context.set_offline(False)
    ben.sees("and this without")
    ben.sees("the large one")
    expect(ben.log.get_by_role("link", name="large.pdf")).to_contain_text("3 MB")
    ana.sees_nothing_on_the_way()


def test_what_waits_survives_a_reload(browser: Browser, url: str, room: str) -> None:
    ana, ben = in_a_room(browser, url, room, "Ana", "Ben")
    held = hold_pieces(ana)
    picks(ana, document("late.pdf", 50_000), picture("late.png"))
    ana.says("these are late")
    eventually(lambda: (ana.page.evaluate("0"), len(held) == 2)[1], what="both are on their way")
    expect(ana.page.locator("#pending .fate")).to_have_text("Not sent yet")
    ana.page.reload()
    ana.context.unroute("**/uploads/**")
    for person in (ana, ben):
        person.sees("these are late")
        sees_pictures(person, "late.png")
        expect(person.log.get_by_role("link", name="late.pdf")).to_be_visible()


def test_an_upload_is_cancelled_and_its_message_with_it(browser: Browser, url: str, room: str) -> None:
    (ana,) = in_a_room(browser, url, room, "Ana")
    hold_pieces(ana)
    picks(ana, document("never.pdf"), document("nor this.pdf"))
    ana.page.get_by_role("button", name="Remove nor this.pdf").click()
    expect(waiting(ana)).to_have_count(1)
    ana.message.press("Enter")
    ana.page.locator("#pending").get_by_role("button", name="Remove never.pdf").click()
    ana.sees_nothing_on_the_way()
    ana.says("nothing was lost")
    ana.sees_in_order("nothing was lost")


def test_a_refused_file_says_why_and_holds_nothing_up(browser: Browser, url: str, room: str) -> None:
    ana, ben = (Visitor(browser, url, locale="es") for _ in range(2))
    for person, name in ((ana, "Ana"), (ben, "Ben")):
        person.opens(f"/sign-in?next=/rooms/{room}")
        person.page.get_by_label("Tu nombre").fill(name)
        person.page.keyboard.press("Enter")
        person.is_in(room)
    with ana.page.expect_file_chooser() as chosen:
        ana.page.get_by_role("button", name="Adjuntar archivos").click()
    empty: Given = {"name": "vacío.txt", "mimeType": "text/plain", "buffer": b""}
    chosen.value.set_files([empty, picture("bien.png")])
    expect(waiting(ana).first).to_contain_text("El archivo está vacío.")
    expect(waiting(ana).last).to_have_attribute("data-state", "done")
    ana.page.get_by_label("Mensaje", exact=True).press("Enter")
    expect(ana.page.locator("#why")).to_contain_text("Quítalo")
    ana.page.get_by_role("button", name="Quitar vacío.txt").click()
    ana.page.get_by_label("Mensaje", exact=True).press("Enter")
    sees_pictures(ben, "bien.png")


def test_files_go_with_their_message(browser: Browser, url: str, room: str) -> None:
    ana, ben = in_a_room(browser, url, room, "Ana", "Ben")
    picks(ana, picture("regretted.png"))
    sees_ready(ana, "regretted.png")
    ana.says("this was a mistake")
    sees_pictures(ben, "regretted.png")
    address = ben.log.locator(".picture").get_attribute("href")
    ben.log.locator(".picture").click()
    large = ben.page.get_by_role("dialog", name="Pictures")
    expect(large).to_be_visible()
    ana.log.locator(".message").hover()
    ana.log.get_by_role("button", name="What to do with this message").click()
    ana.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    ana.page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    for person in (ana, ben):
        expect(person.log.locator(".picture")).to_have_count(0)
    expect(large).to_be_hidden()
    assert address is not None
    assert ben.page.request.get(address).status == 404


def test_hostile_names_are_only_names(browser: Browser, url: str, room: str) -> None:
    ana, ben = in_a_room(browser, url, room, "Ana", "Ben")
    names = ['<img src=x onerror="alert(1)">.png', "../../etc/passwd", "ali\u202egpj.exe", "e" * 300 + ".txt"]
    picks(ana, picture(names[0]), *(document(name) for name in names[1:]))
    expect(ana.page.locator(".tray .chip[data-state=done]")).to_have_count(4)
    ana.says("look")
    sees_pictures(ben, names[0])
    expect(ben.log.locator(".card .name")).to_have_text(
        ["passwd", "aligpj.exe", re.compile(r"^e{100,}….*txt$|^e{100,}….txt$")]
    )
    for person in (ana, ben):
        assert not person.has_to_scroll_sideways()
        assert person.complaints == []


def test_nothing_moves_when_pictures_come(browser: Browser, url: str, room: str) -> None:
    ana, ben = in_a_room(browser, url, room, "Ana", "Ben")
    held: list[Route] = []
    ben.context.route("**/thumbnail", lambda route: held.append(route))
    for number in range(6):
        picks(ana, picture(f"{number}.png", 900, 600))
        sees_ready(ana, f"{number}.png")
        ana.says(f"picture {number}")
    ben.sees("picture 5")
    expect(ben.log.locator(".picture img")).to_have_count(6)
    expect(ben.log.locator(".picture").last).to_be_in_viewport(ratio=1)
    row = ben.log.get_by_text("picture 2", exact=True)
    row.scroll_into_view_if_needed()
    eventually(lambda: (ben.page.evaluate("0"), held)[1], what="a thumbnail is asked for")
    height = ben.log.evaluate(HEIGHT)
    ben.context.unroute("**/thumbnail")  # those that wait go on
    sees_pictures(ben, *(f"{number}.png" for number in range(6)))
    assert ben.log.evaluate(HEIGHT) == height
    row.evaluate("(row) => row.scrollIntoView({ block: 'center' })")
    before = row.evaluate(TOP)
    picks(ana, picture("6.png"))
    sees_ready(ana, "6.png")
    ana.says("picture 6")
    ben.sees("picture 6")
    assert row.evaluate(TOP) == before
