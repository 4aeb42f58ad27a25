"""Rate limits of all events but messages: by person and by address, whatever sessions they have."""

from time import monotonic

import pytest

from tests.unit.visitors import cookie_of
from tests.unit.wire import Chat, Log


@pytest.fixture(autouse=True)
def informed(caplog: pytest.LogCaptureFixture) -> None:
    """The log as it is by default."""
    caplog.set_level("INFO", logger="chat")


async def test_joins_and_history_are_limited_by_person(
    strict: Chat, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Far beyond what a page asks for when it comes back to a hundred rooms."""
    # No token comes back meanwhile, however slow the machine is.
    monkeypatch.setattr("chat.domain.rate_limits.monotonic_ns", lambda: 10**15)
    ana = await strict.client("websocket")
    answers = [await ana.asks("history", {"room": "lobby", "limit": 1}) for _ in range(250)]
    assert all(ack["ok"] for ack in answers)
    for _ in range(150):
        answer = await ana.asks("join", {"room": "lobby"})
        if not answer["ok"]:
            break
    assert (answer["error"], answer["retry_after"]) == ("rate_limited", 1)
    assert (await ana.say("talking goes on"))["ok"]
    other = await strict.client("websocket")
    assert (await other.asks("history", {"room": "lobby"}))["ok"]
    await ana.disconnect()
    await other.disconnect()
    assert sum("Rate-limited" in line for line in log.lines) == 1


async def test_requests_of_one_person_count_together(strict: Chat) -> None:
    """Whatever sessions they have, and however often they come again."""
    cookie = await cookie_of(strict, "Ana")
    granted, began = 0, monotonic()
    for _ in range(4):
        ana = await strict.client("websocket", cookie=cookie)
        for _ in range(110):
            granted += (await ana.asks("leave", {"room": "tea"}))["ok"]
        await ana.disconnect()
    assert 300 <= granted <= 301 + 20 * (monotonic() - began)
    ben = await strict.client("websocket", cookie=await cookie_of(strict, "Ben"))
    assert (await ben.asks("rooms"))["ok"]
    await ben.disconnect()


async def test_requests_of_one_address_count_together(strict: Chat) -> None:
    """As those of the people whose messages it may send, whoever they say they are."""
    granted, began = 0, monotonic()
    for _ in range(8):
        guest = await strict.client("websocket")
        for _ in range(110):
            granted += (await guest.asks("leave", {"room": "tea"}))["ok"]
        await guest.disconnect()
    assert 600 <= granted <= 601 + 10 * (monotonic() - began)


async def test_typing_of_one_person_counts_together(strict: Chat) -> None:
    cookie = await cookie_of(strict, "Ana")
    tabs = [await strict.client("websocket", cookie=cookie) for _ in range(4)]
    began = monotonic()
    answers = [await tab.asks("typing", {"room": "lobby", "typing": True}) for tab in tabs for _ in range(5)]
    assert 8 <= sum(answer["ok"] for answer in answers) <= 9 + 2 * (monotonic() - began)
    for tab in tabs:
        await tab.disconnect()
