"""Opening without a network: the page is there, with what it had; and it comes back by itself."""

from playwright.sync_api import Browser, expect

from tests.browser.conftest import needs_chromium
from tests.browser.visitors import Visitor
from tests.support.waiting import eventually

KEPT = """async () => {
  const worker = await navigator.serviceWorker.getRegistration();
  const room = location.pathname.split("/").at(-1);
  const kept = Object.keys(localStorage).some((key) => key.endsWith(`/kept/${room}`));
  return Boolean(worker?.active && (await caches.match("/")) && kept);
}"""


def test_a_room_opens_offline_with_what_was_said_and_sends_what_is_written(
    browser: Browser, url: str, room: str
) -> None:
    ana, ben = Visitor(browser, url), Visitor(browser, url)
    for person, name in ((ana, "Ana"), (ben, "Ben")):
        person.signs_in(name, path=f"/rooms/{room}")
    ben.says("before")
    ana.sees("before")
    eventually(lambda: ana.page.evaluate(KEPT), what="the page and its messages are kept")

    ana.context.set_offline(True)
    ana.page.reload()
    ana.sees("before")
    ana.is_in(room)
    expect(ana.page.get_by_role("status")).to_contain_text("You are offline.")
    ana.says("from the train")
    ben.says("meanwhile")
    ben.sees_in_order("before", "meanwhile")

    ana.context.set_offline(False)
    ana.sees_state("Live")
    for person in (ana, ben):
        person.sees_in_order("before", "meanwhile", "from the train")
    expect(ana.log.locator(".author")).to_have_text(["Ben", "Ben", "Ana"])


@needs_chromium("tells why a page cannot be installed")
def test_the_page_can_be_installed(browser: Browser, url: str) -> None:
    ana = Visitor(browser, url)
    ana.opens("/")
    session = ana.context.new_cdp_session(ana.page)
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    icons = ana.page.evaluate(
        "async (url) => Promise.all((await (await fetch(url)).json()).icons.map(async ({src}) => "
        "(await fetch(new URL(src, url))).status))",
        manifest["url"],
    )
    assert icons == [200] * 4
