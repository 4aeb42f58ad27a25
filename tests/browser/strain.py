"""What strains the page: a first visit on a slow line, a message with a hundred rooms, a hostile room.

python -m tests.browser.strain http://127.0.0.1:8080
"""

import secrets
import sys
import time

from playwright.sync_api import Browser, CDPSession, sync_playwright
from playwright.sync_api import TimeoutError as NotInTime

from tests.browser.conftest import EXECUTABLE, OPTIONS
from tests.browser.crowd import enter, fill
from tests.browser.visitors import Visitor

# Chromium's own preset of this name.
SLOW_3G = {
    "offline": False,
    "latency": 2000,
    "downloadThroughput": 50_000,
    "uploadThroughput": 50_000,
}
ROOMS = 100
HOSTILE = {
    "addresses": "http://a" + ")" * 3992,
    "marks": "*a* _b_ **c *d " * 266,
    "lines": "> - 1. a\n" * 300,
}
COUNT = """
window.reads = 0;
const read = Storage.prototype.getItem;
Storage.prototype.getItem = function (key) { window.reads += 1; return read.call(this, key); };
"""


def main(url: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=OPTIONS)
        slow_line(browser, url)
        many_rooms(browser, url)
        for what, text in HOSTILE.items():
            hostile_room(browser, url, what, text)
        browser.close()


def slow_line(browser: Browser, url: str) -> None:
    """Somebody writes and sends as soon as there is a field; another, on a good line, waits for it."""
    room = f"slow-{secrets.token_hex(4)}"
    ana, ben = Visitor(browser, url), Visitor(browser, url)
    ben.opens(f"/rooms/{room}")
    ben.sees_state("Live")
    session = ana.context.new_cdp_session(ana.page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_3G)
    began = time.monotonic()
    ana.page.goto(f"/rooms/{room}", wait_until="commit", timeout=60_000)
    ana.message.wait_for(timeout=60_000)
    field = time.monotonic() - began
    ana.message.press_sequentially("sent at once")
    ana.page.keyboard.press("Enter")
    ana.page.get_by_role("status").filter(has_text="Live").wait_for(timeout=60_000)
    live = time.monotonic() - began
    try:
        ben.log.get_by_text("sent at once").wait_for(timeout=20_000)
        arrived = f"what was sent at once arrived after {time.monotonic() - began:.1f} s"
    except NotInTime:
        arrived = "what was sent at once was lost"
    say(f"first visit on slow 3G: a field after {field:.1f} s, live after {live:.1f} s; {arrived}")
    ana.context.close()
    ben.context.close()


def many_rooms(browser: Browser, url: str) -> None:
    room = f"many-{secrets.token_hex(4)}"
    ana = Visitor(browser, url)
    ana.page.add_init_script(COUNT)
    ana.signs_in("Ana", path=f"/rooms/{room}")
    enter(url, ana.cookie, [f"{room}-{number}" for number in range(ROOMS - 2)])
    ana.page.reload()
    ana.page.locator(".room-link").nth(ROOMS - 1).wait_for(timeout=60_000)
    ana.sees_state("Live")
    ana.page.wait_for_timeout(3_000)  # all rooms are joined
    session = ana.context.new_cdp_session(ana.page)
    session.send("Performance.enable")
    reads, script = ana.page.evaluate("window.reads"), script_seconds(session)
    for number in range(10):
        fill(url, room, 1, f"message {number}")
        ana.log.get_by_text(f"message {number}").wait_for()
    ana.page.wait_for_timeout(500)
    reads = (ana.page.evaluate("window.reads") - reads) / 10
    script = (script_seconds(session) - script) / 10
    say(f"a message with {ROOMS} rooms: storage read {reads:.0f} times, {script * 1000:.1f} ms of script")
    ana.context.close()


def hostile_room(browser: Browser, url: str, what: str, text: str) -> None:
    room = f"hostile-{secrets.token_hex(4)}"
    fill(url, room, 60, text)
    ana = Visitor(browser, url)
    session = ana.context.new_cdp_session(ana.page)
    session.send("Performance.enable")
    ana.page.set_default_timeout(180_000)
    began = time.monotonic()
    ana.page.goto(f"/rooms/{room}")
    ana.log.locator(".message").nth(59).wait_for(timeout=180_000)
    say(
        f"60 hostile messages of {what}: shown after {time.monotonic() - began:.1f} s, "
        f"{script_seconds(session):.2f} s of script"
    )
    ana.context.close()


def say(line: str) -> None:
    """At once, wherever it goes: what comes after it may take minutes."""
    print(line, flush=True)


def script_seconds(session: CDPSession) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "ScriptDuration"))


if __name__ == "__main__":
    main(sys.argv[1])
