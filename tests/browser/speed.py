"""How quick the page is: a first visit with nothing cached, and a message's way from one screen to another.

python -m tests.browser.speed http://127.0.0.1:8080
"""

import sys
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import EXECUTABLE, OPTIONS
from tests.browser.crowd import fill
from tests.browser.traffic import Traffic
from tests.browser.visitors import Visitor

ROOM = "speed"
WATCH = """
const now = () => performance.timeOrigin + performance.now();
window.seen = {};
new MutationObserver(() => {
  const rows = document.querySelectorAll("#messages .message");
  if (rows.length) window.first ??= performance.now();
  const text = rows[rows.length - 1]?.querySelector(".text").textContent;
  if (text && !(text in window.seen)) requestAnimationFrame(() => (window.seen[text] ??= now()));
}).observe(document, { childList: true, subtree: true });
addEventListener("keydown", ({ key }) => key === "Enter" && (window.sent = now()), true);
"""


def main(url: str) -> None:
    fill(url, ROOM, 100)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=OPTIONS)
        for _ in range(3):
            first_visit(browser, url)
        messages(browser, url)
        browser.close()


def first_visit(browser: Browser, url: str) -> None:
    ana = Visitor(browser, url)
    traffic = Traffic(ana.page)
    ana.page.add_init_script(WATCH)
    ana.opens(f"/rooms/{ROOM}")
    ana.sees_state("Live")
    ours, client = traffic.of_the_page(), traffic.of_the_client()
    paint: dict[str, Any] = ana.page.evaluate(
        """() => ({
          paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
          loaded: performance.getEntriesByType("navigation")[0].loadEventEnd,
          first: window.first,
        })"""
    )
    print(
        f"first visit: {ours.requests} requests, {ours.files / 1000:.1f} kB of files and "
        f"{ours.headers / 1000:.1f} kB of headers, the client {client.files / 1000:.1f} kB more; first paint "
        f"{paint['paint']:.0f} ms, loaded {paint['loaded']:.0f} ms, first message {paint['first']:.0f} ms"
    )
    ana.context.close()


def messages(browser: Browser, url: str) -> None:
    ana, ben = Visitor(browser, url), Visitor(browser, url)
    for person in (ana, ben):
        person.page.add_init_script(WATCH)
        person.opens(f"/rooms/{ROOM}")
        person.sees_state("Live")
    took = []
    for number in range(60):
        text = f"quick {number}"
        ana.message.fill(text)
        ana.page.keyboard.press("Enter")
        ben.page.wait_for_function("text => text in window.seen", arg=text)
        took.append(ben.page.evaluate("text => window.seen[text]", text) - ana.page.evaluate("window.sent"))
    print(
        f"from Enter to the other's screen: median {median(took):.0f} ms, 95th percentile "
        f"{quantiles(took, n=20)[-1]:.0f} ms"
    )


if __name__ == "__main__":
    main(sys.argv[1])
