"""The page as people need it: in forced colours, from right to left, on paper, with many rooms, copied."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import needs_chromium
from tests.browser.crowd import enter, fill
from tests.browser.visitors import Visitor
from tests.support.waiting import eventually

ZALGO = "Z" + "\u0335\u0342\u0315" * 40


def is_painted(page: Page, selector: str) -> bool:
    """Whether one sees the element: the page looks otherwise without it."""
    place = page.locator(selector).bounding_box()
    assert place
    clip = {name: place[name] for name in ("x", "y", "width", "height")}
    with_it = page.screenshot(clip=clip)  # type: ignore[arg-type]
    page.locator(selector).evaluate("each => each.style.visibility = 'hidden'")
    without = page.screenshot(clip=clip)  # type: ignore[arg-type]
    page.locator(selector).evaluate("each => each.style.visibility = ''")
    return with_it != without


@needs_chromium("forces colours")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_forced_colours_every_sign_is_seen(browser: Browser, url: str, room: str, scheme: str) -> None:
    viewport = {"width": 390, "height": 800}
    ana = Visitor(browser, url, color_scheme=scheme, forced_colors="active", viewport=viewport)
    ana.signs_in("Ana", path=f"/rooms/{room}")
    ana.page.get_by_role("button", name="Search", exact=True).click()
    for selector in ("#open-side .icon", "#open-find .icon", "#find .up", "#find .down", "#find .cross"):
        assert is_painted(ana.page, selector), selector
    ana.page.keyboard.press("Escape")
    ana.opens_the_side()
    ana.page.wait_for_timeout(300)  # the drawer has slid in
    assert is_painted(ana.page, "#close-side .icon")


def test_each_line_has_its_own_direction_and_code_is_read_from_the_left(
    browser: Browser, url: str, room: str
) -> None:
    ana = Visitor(browser, url)
    ana.signs_in("Ana", path=f"/rooms/{room}")
    ana.says("English first\nשלום לכולם\nראו `git push --force` ו https://example.org/a?b=1 כאן")
    text = ana.log.locator(".text").last
    lines = text.evaluate(
        """text => {
          const range = document.createRange();
          const node = text.firstChild;
          const at = node.data.indexOf("\\n") + 1;
          const edge = (from, to) => {
            range.setStart(node, from);
            range.setEnd(node, to);
            return range.getBoundingClientRect();
          };
          const box = text.getBoundingClientRect();
          const [english, hebrew] = [edge(0, 1), edge(at, at + 1)];
          return {english: english.left - box.left, hebrew: box.right - hebrew.right};
        }"""
    )
    assert lines["english"] < 2
    assert lines["hebrew"] < 2
    for part in ("code", "a"):
        assert text.locator(part).evaluate("each => getComputedStyle(each).direction") == "ltr"


@needs_chromium("shows a page as it is printed")
def test_on_paper_there_is_the_whole_conversation(browser: Browser, url: str, room: str) -> None:
    ana = Visitor(browser, url)
    ana.signs_in("Ana", path=f"/rooms/{room}")
    for number in range(12):
        ana.says("\n".join(f"message {number}, line {line}" for line in range(12)))
        ana.sees_nothing_on_the_way()
    ana.page.emulate_media(media="print")
    height = ana.page.evaluate("document.documentElement.scrollHeight")
    assert height > 12 * 12 * 15, "all lines are laid out, not one window of them"
    expect(ana.page.get_by_role("button", name="Send")).to_be_hidden()
    assert ana.page.pdf().count(b"/Type /Page\n") > 1


def test_with_two_hundred_rooms_all_that_matters_is_in_reach(browser: Browser, url: str, room: str) -> None:
    ana = Visitor(browser, url, viewport={"width": 1200, "height": 700})
    ana.signs_in("Ana", path="/rooms/zebra")
    ana.page.evaluate(
        """() => {
          const names = Array.from({length: 200}, (_, index) => `room-${String(index).padStart(3, "0")}`);
          const key = Object.keys(localStorage).find((each) => each.endsWith("/rooms"));
          localStorage.setItem(key, JSON.stringify([...names, "zebra"]));
        }"""
    )
    ana.context.route(
        "**/sio/**", lambda route: route.abort()
    )  # the list is shown before the server says more
    ana.page.reload()
    expect(ana.page.locator(".room-link")).to_have_count(202)
    expect(ana.page.locator(".room-link [aria-current]")).to_be_in_viewport(ratio=0.9)
    expect(ana.page.get_by_label("Go to a room, or make one")).to_be_in_viewport(ratio=1)
    expect(ana.page.get_by_role("heading", name="Here")).to_be_in_viewport(ratio=1)
    expect(ana.page.get_by_role("button", name="Sign out")).to_be_in_viewport(ratio=1)


def test_on_a_new_device_the_room_one_is_in_is_seen_once_all_are_known(
    browser: Browser, url: str, room: str
) -> None:
    ana = Visitor(browser, url, viewport={"width": 390, "height": 700})
    ana.signs_in("Ana", path=f"/rooms/zebra-{room}")
    enter(url, ana.cookie, [f"a-{room}-{number}" for number in range(30)])
    ana.page.evaluate("localStorage.clear()")
    ana.page.reload()
    expect(ana.page.locator(".room-link")).to_have_count(32)
    ana.opens_the_side()
    expect(ana.page.locator(".room-link [aria-current]")).to_be_in_viewport(ratio=0.9)
    expect(ana.page.get_by_label("Go to a room, or make one")).to_be_in_viewport(ratio=1)


def test_marks_that_are_stacked_on_a_letter_stay_in_its_message(
    browser: Browser, url: str, room: str
) -> None:
    ana = Visitor(browser, url)
    ana.signs_in("Ana", path=f"/rooms/{room}")
    ana.says("above")
    ana.sees_nothing_on_the_way()
    before = ana.log.locator(".text").first.screenshot()
    ana.says(ZALGO)
    ana.sees_nothing_on_the_way()
    ana.page.mouse.move(0, 0)
    assert ana.log.locator(".text").first.screenshot() == before


def copied(ana: Visitor) -> list[list[str]]:
    """What the keys for copying put on the clipboard, message by message, by lines. No browser lets a page
    read that without asking, but to Chromium's; so it is taken from the event."""
    ana.page.evaluate(
        """() => addEventListener("copy", (event) => {
          window.copied = event.clipboardData.getData("text/plain");
        }, { once: true })"""
    )
    ana.page.keyboard.press("Control+c")
    return [part.split("\n") for part in ana.page.evaluate("window.copied").split("\n\n")]


@pytest.mark.parametrize("what", ["#messages", "body"])
def test_several_messages_are_copied_as_who_said_what(
    browser: Browser, url: str, room: str, what: str
) -> None:
    ana = Visitor(browser, url)
    ana.signs_in("Ana", path=f"/rooms/{room}")
    for text in ("first `code`", "second\nline", "third"):
        ana.says(text)
        ana.sees_nothing_on_the_way()
    ana.page.locator("#conversation").focus()
    ana.page.evaluate("what => getSelection().selectAllChildren(document.querySelector(what))", what)
    said = copied(ana)
    assert [text for _, *text in said] == [["first `code`"], ["second", "line"], ["third"]]
    assert all(who.startswith("Ana, ") for who, *_ in said)


def test_what_is_copied_from_the_middle_of_messages_keeps_its_lines_and_marks(
    browser: Browser, url: str, room: str
) -> None:
    ana = Visitor(browser, url)
    ana.signs_in("Ana", path=f"/rooms/{room}")
    for text in ("first `code`", "see\n```\na\n  b\n```\nthere and so on"):
        ana.says(text)
        ana.sees_nothing_on_the_way()
    ana.page.locator("#conversation").focus()
    ana.page.evaluate(
        """() => {
          const [first, second] = document.querySelectorAll("#messages .text");
          getSelection().setBaseAndExtent(first.firstChild, 2, second.lastChild, 5);
        }"""
    )
    assert [text for _, *text in copied(ana)] == [
        ["rst `code`"],
        ["see", "```", "a", "  b", "```", "there"],
    ]


@needs_chromium("shows a page as it is printed")
def test_all_messages_that_are_loaded_are_on_paper(browser: Browser, url: str, room: str) -> None:
    fill(url, room, 300, "line {}\nand one more")
    ana = Visitor(browser, url)
    ana.signs_in("Ana", path=f"/rooms/{room}")
    ana.sees("line 300")
    eventually(
        lambda: (
            ana.page.evaluate("document.querySelector('#conversation').scrollTop = 0"),
            ana.log.locator(".message").count() == 300,
        )[1],
        what="all are loaded",
    )
    ana.page.emulate_media(media="print")
    assert ana.page.evaluate("document.documentElement.scrollHeight") > 300 * 2 * 20


def test_on_a_phone_the_composer_is_in_the_middle(browser: Browser, url: str, room: str) -> None:
    ana = Visitor(browser, url, viewport={"width": 390, "height": 800})
    ana.signs_in("Ana", path=f"/rooms/{room}")
    place = ana.page.locator(".composer .field").bounding_box()
    assert place
    assert abs(place["x"] - (390 - place["x"] - place["width"])) < 1
