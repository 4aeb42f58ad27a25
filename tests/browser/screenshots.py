"""The pictures in docs/: a conversation as it may be, narrow and wide, light and dark.

    python -m tests.browser.screenshots http://127.0.0.1:8080 docs

The chat should be a fresh one: what is said in it already is in the pictures too.
"""

import sys
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import EXECUTABLE, OPTIONS
from tests.browser.files import Given, picks, sees_pictures, sees_ready
from tests.browser.members import Member
from tests.browser.talkers import Talker
from tests.browser.visitors import Visitor

SIZES = {390: 844, 1440: 900}
SCHEMES = "light", "dark"
CHART = Path(__file__).with_name("first-night.svg")

REPORT = "The heating controller's first night: **21.5 °C** inside, 4 °C outside."
EVEN = "That is very even. Which interval is it? The manual says 30 s."
INTERVAL = "`interval = 60` for now. The old one fell over below that."
MEET = "Shall we look at it at {}?"
CAKE = "Eleven is fine, I'll bring both cables. @Lena, do you bring the cake?"


class Colleague(Talker, Member):
    """Somebody of the team, who talks and is a member of a private room."""

    def __init__(self, browser: Browser, url: str, name: str, **taste: Any) -> None:
        super().__init__(browser, url, **taste)
        self.name = name


def main(url: str, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=OPTIONS)
        team = [Colleague(browser, url, name) for name in ("Aiko", "Emre", "Jonas", "Lena", "Marta")]
        for each in team:
            each.signs_in(each.name)
        prepare_rooms(team)
        converse(team, chart(browser))
        lena = team.pop(3)
        login: Any = lena.context.storage_state()
        lena.context.close()
        for scheme, width in product(SCHEMES, SIZES):
            sign_in_picture(browser, url, folder, scheme, width)
            picture(browser, url, folder, team, login, scheme, width)
        spanish_picture(browser, url, folder)
        browser.close()


def chart(browser: Browser) -> Given:
    """The picture that is attached, drawn by the browser."""
    page = browser.new_page(device_scale_factor=2)
    page.set_content(CHART.read_text())
    drawn = page.locator("svg").screenshot()
    page.close()
    return {"name": "first night.png", "mimeType": "image/png", "buffer": drawn}


def prepare_rooms(team: list[Colleague]) -> None:
    """Those that Lena has at the side."""
    *_, lena, marta = team
    address = marta.makes_a_private_room("Summer party")
    marta.adds(lena)
    marta.goes_to("lobby")
    lena.opens(f"/rooms/{address}")
    lena.sees_heading("Summer party")
    for room in ("workshop", "travel", "lobby"):
        lena.goes_to(room)
        lena.sees_state("Live")


def converse(team: list[Colleague], drawn: Given) -> None:
    aiko, emre, jonas, lena, marta = team
    picks(marta, drawn)
    sees_ready(marta, drawn["name"])
    marta.says(REPORT)
    marta.sees_nothing_on_the_way()
    report = REPORT.replace("**", "")
    for count, each in enumerate((jonas, aiko, lena), start=1):
        each.reacts(report, "🎉")
        jonas.sees_reactions(report, f"[🎉{count}]")
    emre.reacts(report, "👍")
    jonas.replies(report, EVEN)
    jonas.sees_nothing_on_the_way()
    marta.says(INTERVAL)
    marta.sees_nothing_on_the_way()
    emre.says(MEET.format("ten"))
    emre.edits(MEET.format("ten"), MEET.format("eleven"))
    marta.sees_edited(MEET.format("eleven"))
    marta.says(CAKE)
    marta.sees_nothing_on_the_way()
    aiko.reacts(CAKE, "❤️")
    emre.reacts(CAKE, "❤️")
    lena.sees_reactions(CAKE, "❤️2")


def sign_in_picture(browser: Browser, url: str, folder: Path, scheme: str, width: int) -> None:
    visitor = Visitor(browser, url, **taste(scheme, width))
    visitor.opens("/sign-in")
    visitor.page.screenshot(path=folder / f"sign-in-{width}-{scheme}.png")
    visitor.context.close()


def picture(
    browser: Browser, url: str, folder: Path, team: list[Colleague], login: Any, scheme: str, width: int
) -> None:
    """What Lena sees, at another device each time."""
    aiko, _, jonas, _ = team
    lena = Colleague(browser, url, "Lena", storage_state=login, **taste(scheme, width))
    lena.opens("/rooms/workshop")
    lena.sees_state("Live")
    lena.goes_to("lobby")
    lena.sees_people("Aiko", "Emre", "Jonas", "Lena", "Marta")
    jonas.goes_to("workshop")
    jonas.says("Who has the key to the cellar?")
    jonas.sees_nothing_on_the_way()
    jonas.goes_to("lobby")
    aiko.begins_to_type("I am on my way")
    lena.sees_typing("Aiko")
    lena.sees_unread("workshop", 1)
    sees_pictures(lena, "first night.png")
    lena.message.focus()
    lena.page.screenshot(path=folder / f"chat-{width}-{scheme}.png")
    if width < 800:
        lena.opens_the_side()
        lena.page.wait_for_timeout(300)  # the drawer has slid in
        lena.page.screenshot(path=folder / f"side-{width}-{scheme}.png")
    aiko.message.fill("")
    lena.context.close()


def spanish_picture(browser: Browser, url: str, folder: Path) -> None:
    """The same page as a Spanish browser asks for it."""
    pilar = Visitor(browser, url, locale="es-ES", **taste("light", 390))
    pilar.opens("/")
    pilar.sees_state("En directo")
    pilar.page.locator("#open-side").click()
    pilar.page.wait_for_timeout(300)  # the drawer has slid in
    pilar.page.screenshot(path=folder / "side-390-spanish.png")
    pilar.context.close()


def taste(scheme: str, width: int) -> dict[str, Any]:
    """Of a browser where it is past nine in the morning. `Etc/GMT+2` is two hours west of Greenwich."""
    west = (datetime.now(UTC).hour - 9 + 12) % 24 - 12
    return {
        "color_scheme": scheme,
        "viewport": {"width": width, "height": SIZES[width]},
        "device_scale_factor": 2,
        "timezone_id": f"Etc/GMT{west:+d}",
    }


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
