"""People on the guide's own page, which is no page of the chat's."""

from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import Browser, Locator, expect

from tests.browser.visitors import Visitor
from tests.support.waiting import eventually

# Runs before a page's script and hands it an `io` that uses these transports; nothing else differs.
FORCE_TRANSPORTS = """
let original;
Object.defineProperty(window, "io", {
  set(io) { original = io; },
  get() { return (options) => original({ ...options, transports: %s }); },
});
"""


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
        eventually(lambda: (self.page.evaluate("0"), condition())[1], what=what)
