"""People at a browser, each with a profile and a tab of their own, told by what they do and see."""

import re
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Request, WebSocket, expect

from tests.support.waiting import PATIENCE, eventually

# A page in a browser without windows is never hidden.
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  const state = hidden ? "hidden" : "visible";
  Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
SESSION = re.compile(r'[?&]sid=([^&]+)|^0\{"sid":"([^"]+)"')


class Visitor:
    """Somebody on the chat's own page."""

    def __init__(self, browser: Browser, url: str, **taste: Any) -> None:
        self._sit(browser.new_context(base_url=url, **taste))

    def _sit(self, context: BrowserContext) -> None:
        self.context = context
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE * 1000)
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

    def signs_in(self, name: str, code: str | None = None, path: str = "/") -> None:
        """Come in under this name, and wait until the room is live.

        Somebody new sends what the form sends, without its page: that is for tests of signing in."""
        if code is None and not self.context.cookies():
            answer = self.context.request.post("/sign-in", form={"name": name}, max_redirects=0)
            assert answer.status == 303, answer.text()
            self.opens(path)
        else:
            self.enters(name, code, path)
        self.sees_state("Live")

    def enters(self, name: str, code: str | None = None, path: str = "/") -> None:
        """Fill in the form of the sign-in page and send it."""
        self.opens(f"/sign-in?next={path}")
        self.page.get_by_label("Your name").fill(name)
        if code is not None:
            self.page.get_by_label("Access code").fill(code)
        self.page.get_by_role("button", name=re.compile("Come in|Save the name")).click()

    def signs_out(self) -> None:
        self.opens_the_side()
        self.page.get_by_role("button", name="Sign out").click()

    def opens_the_side(self) -> None:
        """Where it is a drawer; elsewhere it is always there."""
        drawer = self.page.get_by_role("button", name="Rooms and people")
        if drawer.is_visible() and drawer.get_attribute("aria-expanded") == "false":
            drawer.click()

    def goes_to(self, room: str) -> None:
        self.opens_the_side()
        self.page.get_by_label("Go to a room, or make one").fill(room)
        self.page.keyboard.press("Enter")
        self.is_in(room)

    def is_in(self, room: str) -> None:
        self.sees_heading(room)
        expect(self.page).to_have_url(re.compile(f"/rooms/{room}(#|$)" if room != "lobby" else "/(#|$)"))

    def begins_to_type(self, text: str) -> None:
        self.message.press_sequentially(text)

    def says(self, text: str) -> None:
        self.message.fill(text)
        self.page.get_by_role("button", name="Send").click()

    def sees(self, text: str) -> None:
        """The message is on the page once."""
        expect(self.log.get_by_role("listitem").filter(has_text=text)).to_have_count(1)

    def sees_in_order(self, *texts: str) -> None:
        """These messages, and no others, are in the room."""
        expect(self.log.locator(".text")).to_have_text(list(texts))

    def sees_no_room(self, room: str) -> None:
        expect(self.page.locator(".room-link").filter(has_text=room)).to_have_count(0)

    def leaves(self, room: str) -> None:
        self.page.locator(".room-link").filter(has_text=room).hover()
        self.page.get_by_role("button", name=f"Leave {room}").click()

    def sees_nothing_on_the_way(self) -> None:
        """All that this visitor wrote is in the room's log; what was just written is shown a frame later."""
        self.page.evaluate("new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))")
        expect(self.page.get_by_role("list", name="On the way").get_by_role("listitem")).to_have_count(0)

    def sees_people(self, *names: str) -> None:
        expect(self.page.locator("#people .name")).to_have_text(list(names))

    def sees_typing(self, *names: str, within: float = PATIENCE) -> None:
        """Exactly these are said to type; each name's direction is kept to itself."""
        line = re.compile(
            " and ".join(f"\u2068{name}\u2069" for name in names) + " (is|are) typing…" if names else "^$"
        )
        expect(self.page.locator("#typing")).to_have_text(line, timeout=within * 1000)

    def sees_unread(self, room: str, count: int) -> None:
        """At the side; a room without unread messages counts 0."""
        link = self.page.locator(".room-link").filter(has_text=room)
        expect(link.locator(".count")).to_have_text(str(count) if count else "")

    def sees_state(self, words: str, within: float = PATIENCE) -> None:
        expect(self.page.get_by_role("status")).to_have_text(words, timeout=within * 1000)

    def sees_heading(self, words: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(words)

    def sees_in_view(self, text: str) -> None:
        """The whole of exactly this message can be seen."""
        row = self.log.get_by_text(text, exact=True)
        expect(row).to_be_in_viewport(ratio=1)

    def opens_a_tab(self) -> "Visitor":
        """The same person, in the same browser, once more."""
        tab = Visitor.__new__(Visitor)
        tab._sit(self.context)
        return tab

    def opens_the_logins(self, count: int) -> None:
        """The page of one's logins, with so many. The server notes one a moment after its page is live."""

        def shown() -> bool:
            self.opens("/you")
            return self.page.get_by_role("listitem").count() == count

        eventually(shown, what=f"there are {count} logins")

    def looks_elsewhere(self, elsewhere: bool) -> None:
        """Another window or tab hides the page, or does no longer."""
        self.page.evaluate(HIDE, elsewhere)

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
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def cookie(self) -> str:
        """By which the chat knows who this is, as a request's header has it."""
        [found] = [each for each in self.context.cookies() if each["name"].endswith("tertulia")]
        return f"{found['name']}={found['value']}"

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
