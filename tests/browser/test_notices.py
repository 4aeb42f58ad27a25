"""A mention while the page is hidden, for those who asked to be told."""

from playwright.sync_api import Browser, expect

from tests.browser.visitors import Visitor
from tests.support.waiting import eventually

# A browser without windows shows no notices: they are played.
PLAYED = """
window.shown = [];
window.Notification = class {
  static permission = "default";
  static async requestPermission() { return (this.permission = "granted"); }
  constructor(title, { body }) { window.shown.push([title, body]); }
};
ServiceWorkerRegistration.prototype.showNotification = async (title, { body }) => {
  window.shown.push([title, body]);
};
"""


def test_a_mention_is_told_and_counted_while_one_looks_elsewhere(
    browser: Browser, url: str, room: str
) -> None:
    ana, ben = Visitor(browser, url), Visitor(browser, url)
    ana.page.add_init_script(PLAYED)
    for person, name in ((ana, "Ana"), (ben, "Ben")):
        person.signs_in(name, path=f"/rooms/{room}")
    ben.says("ana? (nobody asked yet)")
    ana.sees("nobody asked yet")
    ana.page.get_by_label("Tell me when I am mentioned").check()
    ana.looks_elsewhere(True)
    for text in ("banana", "what do you think, Ana?"):
        ben.says(text)
        ana.sees(text)
    shown = [[f"\u2068Ben\u2069 in \u2068{room}\u2069", "what do you think, Ana?"]]
    eventually(lambda: ana.page.evaluate("shown") == shown, what="one notice is shown")
    expect(ana.page).to_have_title(f"(@ 2) {room} · Tertulia")
    expect(ana.log.locator(".message:has(.fresh)")).to_contain_text("banana")
    ana.looks_elsewhere(False)
    expect(ana.page).to_have_title(f"{room} · Tertulia")


def test_notices_that_the_browser_denies_are_said_to_be_denied(browser: Browser, url: str) -> None:
    ana = Visitor(browser, url)
    ana.page.add_init_script("Notification.requestPermission = async () => 'denied'")
    ana.signs_in("Ana")
    ana.page.get_by_label("Tell me when I am mentioned").click()
    expect(
        ana.page.get_by_role("alert").filter(has_text="does not let the chat show notices")
    ).to_be_visible()
    expect(ana.page.get_by_label("Tell me when I am mentioned")).not_to_be_checked()
