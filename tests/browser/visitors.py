"""People at a browser, each with a profile and a tab of their own, told by what they do and see."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Locator, Request, WebSocket, expect

from tests.support.waiting import eventually

# Runs before a page's script and hands it an `io` that uses these transports; nothing else differs.
FORCE_TRANSPORTS = """
let original;
Object.defineProperty(window, "io", {
  set(io) { original = io; },
  get() { return (options) => original({ ...options, transports: %s }); },
});
"""
SESSION = re.compile(r'[?&]sid=([^&]+)|^0\{"sid":"([^"]+)"')


class Visitor:
    """Somebody on the chat's own page."""

    def __init__(self, browser: Browser, url: str, **taste: Any) -> None:
        self.context = browser.new_context(base_url=url, **taste)
        self.page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.complaints: list[str] = []
        self.console: list[str] = []
        self.polls: list[str] = []
        self.frames: list[str] = []
        self.page.on("console", self._logs)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._requests)
        self.page.on("websocket", self._opens_websocket)

    def opens(self, path: str) -> None:
        self.page.goto(path)

    def says(self, text: str) -> None:
        self.message.fill(text)
        self.page.get_by_role("button", name="Send").click()

    def sees(self, text: str) -> None:
        """The message is on the page once."""
        expect(self.page.get_by_role("listitem").filter(has_text=text)).to_have_count(1)

    def sees_state(self, words: str, within: float = 10) -> None:
        """The state comes first in its element; a reason may follow."""
        expect(self.page.get_by_role("status")).to_contain_text(words, timeout=within * 1000)

    def sees_heading(self, words: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(words)

    def has_to_scroll_sideways(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))

    def brightness_of_the_page(self) -> float:
        """Of its background, from 0 (black) to 255 (white)."""
        colour = self.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        red, green, blue = (float(part) for part in re.findall(r"[\d.]+", colour)[:3])
        return (red + green + blue) / 3

    @property
    def message(self) -> Locator:
        """The field in which messages are written."""
        return self.page.get_by_label("Message", exact=True)

    @property
    def sid(self) -> str:
        """The Engine.IO session's id, from the addresses of its requests or a WebSocket's first frame."""
        found = [SESSION.search(each) for each in [*self.polls, *self.frames]]
        sids = [match[1] or match[2] for match in found if match]
        return sids[-1] if sids else ""

    @property
    def route(self) -> str:
        """The route of the worker this session sits on."""
        return self.sid[:32]

    def _logs(self, message: ConsoleMessage) -> None:
        self.console.append(message.text)
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _requests(self, request: Request) -> None:
        if "transport=polling" in request.url:
            self.polls.append(request.url)

    def _opens_websocket(self, websocket: WebSocket) -> None:
        self.frames.append(websocket.url)
        websocket.on("framereceived", lambda frame: self.frames.append(str(frame)))


class Reader(Visitor):
    """Somebody on the guide's page, word for word as the guide has it, with these transports."""

    GUIDE = Path(__file__).with_name("guide.html")

    def __init__(self, browser: Browser, url: str, transports: Sequence[str]) -> None:
        super().__init__(browser, url)
        self.page.add_init_script(FORCE_TRANSPORTS % list(transports))
        # Served here, at the stack's own origin: our content policy forbids the guide's inline script.
        self.context.route("**/guide", lambda route: route.fulfill(path=self.GUIDE, content_type="text/html"))

    def arrives(self) -> None:
        """Open the page, or open it again, and wait until its script says that it is connected."""
        self.console.clear()
        self.polls.clear()
        self.frames.clear()
        self.opens("/guide")
        self._until(lambda: "Connected!" in self.console, "the guide's script says 'Connected!'")

    @property
    def message(self) -> Locator:
        return self.page.locator("#message")

    def sees_only(self, *texts: str) -> None:
        """These messages are on the page, once each, in this order, and no other."""
        expect(self.page.locator("#messages li")).to_have_text(texts)

    def went_by(self, transports: Sequence[str]) -> None:
        """The session used these transports; an upgrade is done when its probe was answered."""
        expected = ("polling" in transports, "websocket" in transports, len(transports) == 2)
        self._until(
            lambda: (bool(self.polls), bool(self.frames), "3probe" in self.frames) == expected,
            f"the session goes by {' and '.join(transports)}",
        )

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        # Playwright delivers events only while one of its own calls runs.
        eventually(lambda: (self.page.evaluate("0"), condition())[1], within=10, what=what)
