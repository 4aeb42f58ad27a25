"""People who make private rooms, let others in, and begin conversations, told by what they do and see."""

import json
import re
import secrets

from playwright.sync_api import Browser, Locator, expect

from tests.browser.visitors import Visitor
from tests.support.session import Session
from tests.support.stack import Stack


class Member(Visitor):
    """Somebody under a name that nobody else has in the chat that the tests share."""

    name = ""

    def comes_in(self, name: str, path: str = "/") -> None:
        self.name = f"{name}-{secrets.token_hex(3)}"
        self.signs_in(self.name, path=path)

    def makes_a_private_room(self, title: str, topic: str = "") -> str:
        """And goes there. Returns its address."""
        self.opens_the_side()
        self.page.get_by_label("Go to a room, or make one").fill(title)
        self.page.get_by_role("radio", name="Private").check()
        self.page.get_by_role("textbox", name="Topic", exact=True).fill(topic)
        self.page.keyboard.press("Enter")
        self.sees_heading(title)
        self.sees_state("Live")
        expect(self.page).to_have_url(re.compile("/rooms/p-[a-z2-7]{26}$"))
        return self.page.url.rpartition("/")[2]

    def opens_the_members(self) -> Locator:
        self.page.get_by_role("button", name="Members").click()
        return self.page.get_by_role("dialog", name="Members of")

    def adds(self, other: "Member") -> None:
        dialog = self.opens_the_members()
        dialog.get_by_label("Name").fill(other.name)
        dialog.get_by_role("button", name=f"Add {other.name}").click()
        expect(dialog.locator(".members .name").filter(has_text=other.name)).to_be_visible()
        self.page.keyboard.press("Escape")

    def removes(self, other: "Member") -> None:
        dialog = self.opens_the_members()
        dialog.get_by_role("button", name=f"Remove {other.name}").click()
        self.answers("Remove")
        expect(dialog.locator(".members .name").filter(has_text=other.name)).to_have_count(0)
        self.page.keyboard.press("Escape")

    def answers(self, button: str) -> None:
        """To the question that is asked."""
        self.page.get_by_role("alertdialog").get_by_role("button", name=button, exact=True).click()

    def begins_a_conversation(self, other: "Member") -> None:
        """By pressing the name among the people."""
        self.opens_the_side()
        self.page.locator("#people").get_by_role("button", name=other.name, exact=True).click()
        self.page.get_by_role("button", name=f"Message {other.name}").click()
        self.sees_heading(other.name)
        self.sees_state("Live")

    def follows(self, words: str) -> None:
        """The note of an invitation."""
        self.page.get_by_role("link", name=re.compile(words)).click()

    def rooms(self, section: str) -> Locator:
        """What stands at the side under a heading."""
        heading = self.page.get_by_role("heading", name=section, exact=True)
        return self.page.locator("section").filter(has=heading).locator(".room-link .name")

    def kept(self) -> str:
        """All that the browser keeps for the page."""
        stores = self.page.evaluate("[{...localStorage}, {...sessionStorage}]")
        return json.dumps(stores, ensure_ascii=False)

    def heard(self) -> str:
        """All that came over the WebSocket."""
        return "\n".join(self.frames)


def come_in(browser: Browser, url: str, *names: str) -> list[Member]:
    people = [Member(browser, url) for _ in names]
    for person, name in zip(people, names, strict=True):
        person.comes_in(name)
    return people


def share_a_room(browser: Browser, url: str, title: str) -> tuple[Member, Member, str]:
    """Two people in a private room, in which the first has said "the plan"; and its address."""
    ana, ben = come_in(browser, url, "Ana", "Ben")
    address = ana.makes_a_private_room(title)
    ana.says("the plan")
    ana.adds(ben)
    ben.follows("has added you")
    ben.sees("the plan")
    return ana, ben, address


def sit_apart(one: Visitor, other: Visitor, stack: Stack) -> None:
    """Bring the second of two to another worker than the first. Both stay who they are, and where."""
    for number in range(10):
        if other.route != one.route:
            break
        if number % 2:  # a visit may take as many turns as there are workers, and come to the same again
            Session(stack.url)
        other.polls.clear()
        other.frames.clear()
        other.page.reload()
        other.sees_state("Live")
    assert one.route != other.route, "they sit on different workers"
