"""Formatting: what is typed looks as its marks say, above the field too, and is copied as it was typed."""

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import needs_chromium
from tests.browser.crowd import fill
from tests.browser.test_accessible import violations
from tests.browser.test_looks import copied
from tests.browser.visitors import Visitor

TEXT = (
    "**bold** *it* ~~no~~ snake_case_x 2*3*4\n"
    "> said _so_\n> ```js\n> let a;\n> ```\n"
    "- one\n  - `two`\n7. seven\nend"
)
STRUCTURE = (
    """element => [...element.querySelectorAll("*")].map(each => [each.localName, each.textContent])"""
)


def preview(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("region", name="As it will be shown")


def test_marks_make_elements_and_others_see_the_same(browser: Browser, url: str, room: str) -> None:
    ana, ben = Visitor(browser, url), Visitor(browser, url)
    for each, name in ((ana, "Ana Format"), (ben, "Ben Format")):
        each.signs_in(name, path=f"/rooms/{room}")
    ana.says(TEXT)
    for each in (ana, ben):
        text = each.log.locator(".text")
        expect(text.locator("strong")).to_have_text("bold")
        assert text.evaluate(STRUCTURE) == [
            ["strong", "bold"],
            ["em", "it"],
            ["s", "no"],
            ["blockquote", "said so\nlet a;"],
            ["em", "so"],
            ["pre", "let a;"],
            ["code", "let a;"],
            ["ul", "one\ntwo"],
            ["li", "one\ntwo"],
            ["ul", "two"],
            ["li", "two"],
            ["code", "two"],
            ["ol", "seven"],
            ["li", "seven"],
        ]
        assert text.locator("ol > li").evaluate("each => each.value") == 7
        label = "each => getComputedStyle(each, '::before').content"
        assert text.locator("pre").evaluate(label) == '"js"'
        assert violations(each) == []


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ((".text", 0), (".text", None), TEXT),
        ((".text strong", 0), (".text strong", 1), "bold"),
        ((".text strong", 0), (".text s", 1), "**bold** *it* ~~no~~"),
        ((".text pre code", 0), (".text pre code", 1), "let a;"),
        ((".text blockquote > em", 0), (".text pre code", 1), "_so_\n```js\nlet a;\n```"),
        ((".text s", 0), (".text blockquote > em", 1), "~~no~~ snake_case_x 2*3*4\n> said _so_"),
        ((".text li", 0), (".text ol > li", 1), "- one\n  - `two`\n7. seven"),
    ],
)
def test_what_is_copied_of_a_message_is_what_was_typed(
    browser: Browser,
    url: str,
    room: str,
    start: tuple[str, int],
    end: tuple[str, int | None],
    expected: str,
) -> None:
    fill(url, room, 1, TEXT)
    ana = Visitor(browser, url)
    ana.opens(f"/rooms/{room}")
    expect(ana.log.locator(".text ol")).to_have_text("seven")
    ana.page.locator("#conversation").focus()
    ana.page.evaluate(
        """([start, end]) => {
          const find = ([selector]) => document.querySelector(`#messages ${selector}`);
          const [first, last] = [start, end].map(find);
          getSelection().setBaseAndExtent(first, start[1], last, end[1] ?? last.childNodes.length);
        }""",
        [start, end],
    )
    assert copied(ana) == [expected.split("\n")]


def test_the_field_shows_what_becomes_of_marks(browser: Browser, url: str, room: str) -> None:
    """Only where it looks otherwise; and what is typed stays, can be undone and sent."""
    ana = Visitor(browser, url, viewport={"width": 390, "height": 700})
    ana.signs_in("Ana Previews", path=f"/rooms/{room}")
    ana.message.press_sequentially("see https://example.org **this")
    expect(preview(ana)).to_have_count(0)
    ana.message.press_sequentially("** @x")
    expect(preview(ana).locator("strong")).to_have_text("this")
    expect(preview(ana)).to_have_text("see https://example.org this @x")
    expect(preview(ana).get_by_role("link")).to_have_count(0)
    assert violations(ana) == []
    ana.page.keyboard.press("Control+z")
    expect(ana.message).not_to_have_value("see https://example.org **this** @x")
    ana.message.fill("")
    expect(preview(ana)).to_have_count(0)
    ana.message.fill("- " + "one\n- " * 60 + "last")
    expect(preview(ana).get_by_text("last")).to_be_in_viewport()
    expect(ana.page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)
    ana.page.keyboard.press("Enter")
    expect(preview(ana)).to_have_count(0)
    expect(ana.log.get_by_role("listitem").get_by_text("last")).to_be_visible()


@needs_chromium("composes text as an input method does")
def test_a_word_that_is_composed_is_previewed_and_not_broken_off(
    browser: Browser, url: str, room: str
) -> None:
    ana = Visitor(browser, url)
    ana.signs_in("Ana Composes", path=f"/rooms/{room}")
    ana.message.fill("**粗**")
    session = ana.context.new_cdp_session(ana.page)
    for part in ("z", "zh", "zhong"):
        session.send(
            "Input.imeSetComposition", {"text": part, "selectionStart": len(part), "selectionEnd": len(part)}
        )
        expect(preview(ana)).to_have_text(f"粗{part}")
    session.send("Input.insertText", {"text": "中"})
    expect(ana.message).to_have_value("**粗**中")
    expect(preview(ana)).to_have_text("粗中")


@pytest.mark.parametrize(
    ("language", "link", "shown"), [("en", "Formatting", "bold"), ("es", "Formato", "negrita")]
)
def test_a_page_beside_the_field_says_what_one_can_type(
    browser: Browser, url: str, room: str, language: str, link: str, shown: str
) -> None:
    ana = Visitor(browser, url, locale=language, viewport={"width": 390, "height": 700})
    ana.opens(f"/rooms/{room}")
    with ana.context.expect_page() as opened:
        ana.page.get_by_role("link", name=link, exact=True).click()
    ana.page = opened.value
    expect(ana.page.get_by_role("heading", level=1)).to_have_text(link)
    expect(ana.page.locator("strong")).to_have_text(shown)
    expect(ana.page.get_by_text(f"**{shown}**", exact=True)).to_be_visible()
    assert not ana.has_to_scroll_sideways()
    assert violations(ana) == []


def test_lines_of_a_quote_and_a_list_stand_at_the_side_of_their_writing(
    browser: Browser, url: str, room: str
) -> None:
    ana = Visitor(browser, url)
    ana.signs_in("Ana Sides", path=f"/rooms/{room}")
    ana.says("> שלום לכולם\n- ראשון\n- שני\n> English")
    quotes = ana.log.locator("blockquote")
    expect(quotes).to_have_count(2)
    directions = "all => all.map(each => getComputedStyle(each).direction)"
    assert quotes.evaluate_all(directions) == ["rtl", "ltr"]
    assert ana.log.locator("ul").evaluate_all(directions)[-1] == "rtl"
