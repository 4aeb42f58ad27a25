"""The workers are replaced while somebody reads and somebody writes: neither is disturbed."""

import re

from playwright.sync_api import Browser, expect

from tests.browser.visitors import Visitor
from tests.support.rollout import Rollout
from tests.support.stack import Stack
from tests.support.waiting import eventually

# Remembers all that the banner and the list of people ever showed.
WATCHES = """() => {
  window.shown = {};
  for (const id of ["status", "people"]) {
    const element = document.getElementById(id);
    const look = () => (shown[id] ??= new Set()).add(`${element.dataset.state ?? ""} ${element.innerText}`);
    look();
    const all = { subtree: true, childList: true, characterData: true, attributes: true };
    new MutationObserver(look).observe(element, all);
  }
}"""
SHOWN = "Object.fromEntries(Object.entries(shown).map(([id, texts]) => [id, [...texts]]))"
GIVEN_UP = re.compile(r"net::ERR_(NETWORK_CHANGED|SOCKET_NOT_CONNECTED)")
SCROLLED = "document.getElementById('conversation').scrollTop"


def test_who_reads_and_who_writes_notice_nothing_of_a_rollout(
    browser: Browser, stack: Stack, room: str
) -> None:
    """No banner, no lost draft, no jump; what is said arrives, and who is there stays there."""
    ana, ben = Visitor(browser, stack.url), Visitor(browser, stack.url)
    for person, name in ((ana, "Ana"), (ben, "Ben")):
        person.signs_in(name, path=f"/rooms/{room}")
    for number in range(40):
        ben.says(f"line {number}")
    ana.sees("line 39")
    ana.page.evaluate("document.getElementById('conversation').scrollTop = 200")
    ana.begins_to_type("half a thought")
    for person in (ana, ben):
        person.sees_people("Ana", "Ben")
        person.page.evaluate(WATCHES)
    at, sids = ana.page.evaluate(SCROLLED), {ana.sid, ben.sid}

    rollout, said = Rollout(stack), 0
    while not rollout.is_over(within=0.25):
        ben.says(f"during {said}")
        ana.sees(f"during {said}")
        said += 1
    rollout.ends()

    def moved() -> bool:
        ana.page.evaluate("0"), ben.page.evaluate("0")
        return not {ana.sid, ben.sid} & sids

    eventually(moved, what="both were moved")
    assert said > 3
    ben.sees_nothing_on_the_way()
    for person in (ana, ben):
        person.sees_state("Live")
        shown = person.page.evaluate(SHOWN)
        assert [words for words in shown["status"] if not words.startswith("live")] == []
        assert len(shown["people"]) == 1, "nobody seemed to go or come"
        # Chromium gives requests up when a container's end takes a network interface of the machine along.
        assert [words for words in person.complaints if not GIVEN_UP.search(words)] == []
    assert ana.page.evaluate(SCROLLED) == at
    expect(ana.message).to_have_value("half a thought")
    ana.message.press("Enter")
    ben.sees("half a thought")
