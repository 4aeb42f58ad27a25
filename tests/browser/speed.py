"""How quick the page is: a first visit with nothing cached, and a message's way from one screen to another.

    python -m tests.browser.speed http://127.0.0.1:8080

Bytes are those on the wire, compressed; what the service worker takes from the browser's cache is none.
"""

import sys
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import EXECUTABLE, OPTIONS
from tests.browser.crowd import fill
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
    sizes: dict[str, float] = {}
    headers: dict[str, float] = {}
    addresses: dict[str, str] = {}
    session = ana.context.new_cdp_session(ana.page)
    session.send("Network.enable")
    session.on("Network.requestWillBeSent", lambda e: addresses.update({e["requestId"]: e["request"]["url"]}))
    session.on(
        "Network.responseReceived",
        lambda e: headers.update({e["requestId"]: e["response"]["encodedDataLength"]}),
    )
    session.on("Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}))
    ana.page.add_init_script(WATCH)
    ana.opens(f"/rooms/{ROOM}")
    ana.sees_state("Live")
    client = [key for key in sizes if "/socket.io/socket.io" in addresses.get(key, "")]
    ours = [key for key in sizes if sizes[key] and "socket.io" not in addresses.get(key, "")]
    paint: dict[str, Any] = ana.page.evaluate(
        """() => ({
          paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
          loaded: performance.getEntriesByType("navigation")[0].loadEventEnd,
          first: window.first,
        })"""
    )
    print(
        f"first visit: {len(ours)} requests, {kilobytes(ours, sizes, headers)} of files and "
        f"{kilobytes(ours, headers)} of headers, the client {kilobytes(client, sizes)} more; first paint "
        f"{paint['paint']:.0f} ms, loaded {paint['loaded']:.0f} ms, first message {paint['first']:.0f} ms"
    )
    ana.context.close()


def kilobytes(requests: list[str], whole: dict[str, float], part: dict[str, float] | None = None) -> str:
    """What requests took, without a part of them."""
    return f"{sum(whole[key] - (part or {}).get(key, 0) for key in requests) / 1000:.1f} kB"


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
