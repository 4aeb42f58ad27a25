"""How smooth a room with many messages is: types and scrolls in it while Chromium traces its frames.

    python -m tests.browser.smooth http://127.0.0.1:8080 [messages]

Prints, for each, the longest task of the page's main thread, and the share of those above 50 ms. The same of
a room with fewer messages, where every fourth has a picture.
"""

import json
import secrets
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.browser.conftest import EXECUTABLE, OPTIONS
from tests.browser.crowd import fill, fill_with_pictures
from tests.browser.visitors import Visitor

WINDOW: ViewportSize = {"width": 1440, "height": 900}
TEXT = "message {} with enough words in it that on most windows it takes more than one line"
WITH_PICTURES = 1000
"""Messages of the room with pictures."""


def main(url: str, count: int) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=OPTIONS)
        room = f"smooth-{secrets.token_hex(4)}"
        fill(url, room, count, TEXT)
        look(browser, url, Visitor(browser, url, viewport=WINDOW), room)
        ana, room = Visitor(browser, url, viewport=WINDOW), f"pictures-{secrets.token_hex(4)}"
        ana.signs_in("Ana")
        fill_with_pictures(url, ana.cookie, room, WITH_PICTURES)
        look(browser, url, ana, room)
        browser.close()


def look(browser: Browser, url: str, ana: Visitor, room: str) -> None:
    """Report what Ana does in a room, all of whose messages are on her page."""
    ana.opens(f"/rooms/{room}")
    ana.sees_state("Live")
    load_all(ana.page)
    # Now, since Playwright's own looking for an element takes 100 ms among so many.
    ana.page.get_by_role("region", name="Conversation").hover()
    ana.message.focus()
    print(
        f"{ana.log.locator('.message').count()} messages, {ana.log.locator('img').count()} pictures, ", end=""
    )
    print(f"{ana.page.evaluate('document.querySelectorAll(`*`).length')} elements")
    report("typing at the newest", browser, ana.page, type_much)
    report("scrolling", browser, ana.page, scroll_much)
    report("typing further up", browser, ana.page, type_much)
    report("receiving", browser, ana.page, lambda _: fill(url, room, 50))
    ana.context.close()


def load_all(page: Page) -> None:
    page.evaluate(
        """async () => {
          const view = document.getElementById("conversation");
          const older = document.getElementById("older");
          while (!older.hidden) {
            view.scrollTop = 0;
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
          view.scrollTop = view.scrollHeight;
          await new Promise((resolve) => setTimeout(resolve, 500));
        }"""
    )


def type_much(page: Page) -> None:
    for letter in "typing in a room that is full " * 3:
        page.keyboard.press(letter)
        page.wait_for_timeout(15)


def scroll_much(page: Page) -> None:
    for step in range(120):
        page.mouse.wheel(0, -1500 if step < 100 else 900)
        page.wait_for_timeout(16)


def report(what: str, browser: Browser, page: Page, act: object) -> None:
    path = Path(tempfile.mkdtemp()) / "trace.json"
    browser.start_tracing(page=page, path=path, categories=["toplevel", "devtools.timeline"])
    act(page)  # type: ignore[operator]
    browser.stop_tracing()
    events = json.loads(path.read_text())["traceEvents"]
    main_threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = sorted(
        event["dur"] / 1000
        for event in events
        if event["name"].endswith("RunTask")
        and (event["pid"], event["tid"]) in main_threads
        and "dur" in event
    )
    long = sum(task > 50 for task in tasks)
    print(
        f"{what}: {len(tasks)} tasks, longest {tasks[-1]:.1f} ms, 99th percentile "
        f"{tasks[int(len(tasks) * 0.99)]:.1f} ms, {long} above 50 ms"
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10_000)
