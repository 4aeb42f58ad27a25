"""The pictures in docs/: a conversation as it may be, narrow and wide, light and dark.

    python -m tests.browser.screenshots http://127.0.0.1:8080 docs

The chat should be a fresh one: what is said in it already is in the pictures too.
"""

import sys
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import EXECUTABLE, OPTIONS
from tests.browser.visitors import Visitor

SIZES = {390: 844, 1440: 900}
SCHEMES = "light", "dark"

TALK = {
    "Marta": [
        "Morning all! The new heating controller is on the bench.",
        "First reading: 21.5 °C inside, 4 °C outside. Looks plausible.",
    ],
    "Jonas": [
        "Nice. Did you have to change the interval? The manual says 30 s; the old one fell over below 60.",
        "This is what I run here:\n```\n[poll]\ninterval = 60\nretries  = 3\n```",
    ],
    "Aiko": [
        "I have it at `interval = 30` since Tuesday, no complaints so far.",
        "Their notes are at https://example.org/controller/notes (page 4).",
    ],
    "Emre": ["Can we look at it together at eleven? Marta, bring the long cable."],
}
REPLY = ["Eleven is fine. I'll bring both cables.", "And cake."]


def main(url: str, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=OPTIONS)
        people = [converse(browser, url, name, texts) for name, texts in TALK.items()]
        for text in REPLY:
            people[0].says(text)
            people[0].sees_nothing_on_the_way()
        for scheme, width in product(SCHEMES, SIZES):
            picture(browser, url, folder, people, scheme, width)
        spanish_picture(browser, url, folder)
        browser.close()


def converse(browser: Browser, url: str, name: str, texts: list[str]) -> Visitor:
    person = Visitor(browser, url)
    person.signs_in(name)
    for text in texts:
        person.says(text)
        person.sees_nothing_on_the_way()
    for room in ("workshop", "travel", "book-club"):
        person.goes_to(room)
        person.says(f"{name} was here.")
        person.sees_nothing_on_the_way()
    person.goes_to("lobby")
    return person


def picture(browser: Browser, url: str, folder: Path, people: list[Visitor], scheme: str, width: int) -> None:
    viewport = {"width": width, "height": SIZES[width]}
    lena = Visitor(browser, url, color_scheme=scheme, viewport=viewport, device_scale_factor=2)
    lena.opens("/sign-in")
    lena.page.screenshot(path=folder / f"sign-in-{width}-{scheme}.png")
    lena.signs_in("Lena")
    for room in ("workshop", "travel", "lobby"):
        lena.goes_to(room)
        lena.sees_state("Live")
    lena.sees_people("Aiko", "Emre", "Jonas", "Lena", "Marta")
    people[1].goes_to("workshop")
    people[1].says("Who has the key to the cellar?")
    people[1].goes_to("lobby")
    people[2].begins_to_type("I am on my way")
    lena.sees_typing("Aiko")
    lena.sees_unread("workshop", 1)
    lena.message.focus()
    lena.page.screenshot(path=folder / f"chat-{width}-{scheme}.png")
    if width < 800:
        lena.opens_the_side()
        lena.page.wait_for_timeout(300)  # the drawer has slid in
        lena.page.screenshot(path=folder / f"side-{width}-{scheme}.png")
    people[2].message.fill("")
    lena.signs_out()
    lena.page.wait_for_url("**/sign-in*")  # Chromium now and then never closes a page that is being left
    lena.context.close()


def spanish_picture(browser: Browser, url: str, folder: Path) -> None:
    """The same page as a Spanish browser asks for it."""
    viewport = {"width": 390, "height": SIZES[390]}
    pilar = Visitor(browser, url, locale="es-ES", viewport=viewport, device_scale_factor=2)
    pilar.opens("/")
    pilar.sees_state("En directo")
    pilar.page.locator("#open-side").click()
    pilar.page.wait_for_timeout(300)  # the drawer has slid in
    pilar.page.screenshot(path=folder / "side-390-spanish.png")
    pilar.context.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
