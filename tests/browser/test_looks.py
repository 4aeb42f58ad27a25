"""The page as people need it: in forced colours, from right to left, on paper, with many rooms, copied."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visitors import Visitor

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


def test_several_messages_are_copied_as_who_said_what(browser: Browser, url: str, room: str) -> None:
    ana = Visitor(browser, url, permissions=["clipboard-read", "clipboard-write"])
    ana.signs_in("Ana", path=f"/rooms/{room}")
    for text in ("first `code`", "second\nline", "third"):
        ana.says(text)
        ana.sees_nothing_on_the_way()
    ana.page.evaluate("getSelection().selectAllChildren(document.getElementById('messages'))")
    ana.page.keyboard.press("Control+c")
    copied = ana.page.evaluate("navigator.clipboard.readText()")
    said = [part.split("\n", 1) for part in copied.split("\n\n")]
    assert [text for _, text in said] == ["first `code`", "second\nline", "third"]
    assert all(who.startswith("Ana, ") for who, _ in said)


def test_on_a_phone_the_composer_is_in_the_middle(browser: Browser, url: str, room: str) -> None:
    ana = Visitor(browser, url, viewport={"width": 390, "height": 800})
    ana.signs_in("Ana", path=f"/rooms/{room}")
    place = ana.page.locator(".composer .field").bounding_box()
    assert place
    assert abs(place["x"] - (390 - place["x"] - place["width"])) < 1
