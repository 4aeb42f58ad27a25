"""The official client opens its namespaces on one connection: one that is refused leaves the others alone."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visitors import Visitor

PAGE = """<!doctype html><title>Namespaces</title><ul id="log"></ul>
<script src="/socket.io/socket.io.js"></script>
<script>
  const manager = new io.Manager({ path: "/sio/socket.io", transports: TRANSPORTS });
  const say = (text) => document.getElementById("log").append(
    Object.assign(document.createElement("li"), { textContent: text }),
  );
  for (const name of NAMES) {
    const socket = manager.socket(name);
    socket.on("connect_error", (error) => say(`${name}: ${error.message}`));
    socket.on("connect", async () => {
      const { ok } = await socket.emitWithAck("rooms");
      say(`${name}: ${ok ? "answers" : "refuses"}`);
    });
  }
</script>"""


@pytest.mark.parametrize("transports", [["polling"], ["websocket"], ["polling", "websocket"]])
@pytest.mark.parametrize("names", [["/", "/admin"], ["/admin", "/"]])
def test_a_namespace_that_is_not_there_leaves_the_other_alone(
    browser: Browser, url: str, names: list[str], transports: list[str]
) -> None:
    ana = Visitor(browser, url)
    page = PAGE.replace("NAMES", str(names)).replace("TRANSPORTS", str(transports))
    ana.context.route("**/namespaces", lambda route: route.fulfill(body=page, content_type="text/html"))
    ana.opens("/namespaces")
    expect(ana.page.get_by_text("/: answers", exact=True)).to_be_visible()
    expect(ana.page.get_by_text("/admin: There is no namespace /admin here.")).to_be_visible()
