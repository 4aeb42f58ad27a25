"""People who change what is written: they edit, delete, react and reply."""

import re

from playwright.sync_api import Browser, Locator, expect

from tests.browser.visitors import Visitor

ACT = "What to do with this message"


class Talker(Visitor):
    """Somebody who does something with messages, by the menu that each has."""

    def row(self, text: str) -> Locator:
        """The row of a message that has this text, and quotes none that has it."""
        return self.log.locator(".message").filter(has=self.page.locator(".text", has_text=text))

    def opens_the_menu(self, text: str) -> Locator:
        """Of the message with this text."""
        self.row(text).hover()
        self.row(text).get_by_role("button", name=ACT).click()
        return self.page.get_by_role("dialog", name=ACT)

    def edits(self, text: str, better: str) -> None:
        self.opens_the_menu(text).get_by_role("button", name="Edit").click()
        field = self.page.get_by_label("The message's new text")
        expect(field).to_have_value(text)
        field.fill(better)
        field.press("Enter")

    def deletes(self, text: str) -> None:
        self.opens_the_menu(text).get_by_role("button", name="Delete").click()
        self.page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()

    def reacts(self, text: str, emoji: str) -> None:
        """By one that is at hand."""
        self.opens_the_menu(text).get_by_role("button", name=f"React with {emoji}").click()

    def begins_to_reply(self, to: str, text: str) -> None:
        """To the message with this text. It is typed behind what is in the field."""
        self.page.bring_to_front()  # in Firefox, only the page in front has the focus
        self.opens_the_menu(to).get_by_role("button", name="Reply").click()
        expect(self.message).to_be_focused()
        self.begins_to_type(text)

    def replies(self, to: str, text: str) -> None:
        self.begins_to_reply(to, "")
        self.says(text)

    def reaction(self, text: str, emoji: str) -> Locator:
        """Below the message with this text."""
        return self.row(text).get_by_role("button", name=re.compile(f"^{emoji}:"))

    def sees_reactions(self, text: str, *reactions: str) -> None:
        """Below the message with this text, in order: `👍2`, and `[👍2]` where one is this person's own."""
        expect(self.row(text).locator(".reaction")).to_have_text([each.strip("[]") for each in reactions])
        for each in reactions:
            pressed = "true" if each.startswith("[") else "false"
            button = self.row(text).locator(".reaction").filter(has_text=each.strip("[]"))
            expect(button).to_have_attribute("aria-pressed", pressed)

    def sees_edited(self, text: str, edited: bool = True) -> None:
        """Whether the message with this text is said to be edited."""
        said = self.row(text).locator(".text")
        if edited:
            expect(said).to_have_attribute("data-edited", "(edited)")
        else:
            expect(said).not_to_have_attribute("data-edited", re.compile(".*"))

    def sees_quote(self, text: str, whom: str, what: str) -> None:
        """Above the message with this text."""
        quote = self.row(text).locator(".quote")
        expect(quote.locator("bdi")).to_have_text(whom)
        expect(quote.locator("q")).to_have_text(what)


def talk(browser: Browser, url: str, room: str, *names: str) -> list[Talker]:
    """People of these names are in a room."""
    people = [Talker(browser, url) for _ in names]
    for person, name in zip(people, names, strict=True):
        person.signs_in(name, path=f"/rooms/{room}")
    return people
