"""Who is no member of a private room, or no longer: they see nothing of it."""

from playwright.sync_api import Browser, expect

from tests.browser.members import come_in, share_a_room, sit_apart
from tests.support.stack import Stack

NOWHERE = f"p-{'a' * 26}"


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
    ana, ben, address = share_a_room(browser, url, title)
    ben.context.set_offline(True)
    ben.says("is it on?")
    expect(ben.page.locator("#pending").get_by_text("is it on?")).to_be_visible()
    ana.removes(ben)
    ben.context.set_offline(False)
    expect(ben.page.get_by_text("You are no longer in")).to_be_visible()
    assert address not in ben.kept()
    ana.sees_in_order("the plan")
