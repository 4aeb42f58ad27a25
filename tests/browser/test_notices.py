"""A mention while the page is hidden, for those who asked to be told."""

from playwright.sync_api import Browser, expect

from tests.browser.visitors import Visitor
from tests.support.waiting import eventually

# A page in a browser without windows is never hidden, and shows no notices: both are played.
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
window.hide = (hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  const state = hidden ? "hidden" : "visible";
  Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
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
    ana.page.evaluate("hide(true)")
    for text in ("banana", "what do you think, Ana?"):
        ben.says(text)
        ana.sees(text)
    shown = [[f"\u2068Ben\u2069 in {room}", "what do you think, Ana?"]]
    eventually(lambda: ana.page.evaluate("shown") == shown, what="one notice is shown")
    expect(ana.page).to_have_title(f"(2) {room} · Tertulia")
    expect(ana.log.locator(".message:has(.fresh)")).to_contain_text("banana")
    ana.page.evaluate("hide(false)")
    expect(ana.page).to_have_title(f"{room} · Tertulia")
