"""Forms and pages while Redis can't be reached: they are tried again, and keep what was typed."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from chat.domain.access_code import AccessCode
from chat.http.retries import retried
from chat.settings import Settings
from relay import LogFull, LogUnavailable
from relay.memory.records import MemoryRecords
from relay.memory.store import MemoryStore

from tests.support.waiting import soon
from tests.unit.chat.events.moderated import CODE as MODERATORS_CODE
from tests.unit.visitors import browser, connects, sign_in
from tests.unit.wire import Chat

CODE = "open sesame"
Stall = Callable[..., None]


@pytest.fixture
async def guarded(bundle: Path) -> AsyncIterator[Chat]:
    """A chat that asks for a code, and has moderators."""
    settings = Settings(port=0, client_bundle=bundle, access_code=CODE, admin_code=MODERATORS_CODE)
    async with Chat(settings) as chat:
        yield chat


@pytest.fixture
def stalls(monkeypatch: pytest.MonkeyPatch) -> Stall:
    """Call it, and the next `times` calls of these methods of the store, or of what is kept, fail."""
    monkeypatch.setattr("chat.http.retries.PAUSE", 0.01)
    monkeypatch.setattr("chat.http.retries.TRIED_FOR", 1.0)

    def stall(*methods: str, times: float = float("inf"), error: type[Exception] = LogUnavailable) -> None:
        left = times

        def stalled(kept: type, method: str) -> Any:
            works = getattr(kept, method)

            async def call(*arguments: Any, **options: Any) -> Any:
                nonlocal left
                left -= 1
                if left >= 0:
                    raise error("away")
                return await works(*arguments, **options)

            return call

        for method in methods:
            kept = MemoryStore if hasattr(MemoryStore, method) else MemoryRecords
            monkeypatch.setattr(kept, method, stalled(kept, method))

    return stall


async def test_a_sign_in_during_a_stall_is_tried_again(chat: Chat, stalls: Stall) -> None:
    """The person notices nothing but the wait."""
    async with browser(chat) as visitor:
        stalls("read", times=3)
        answer = await sign_in(visitor, name="Ana", next="/rooms/tea")
        assert (answer.status_code, answer.headers["location"]) == (303, "/rooms/tea")
        assert "tertulia" in visitor.cookies


async def test_a_sign_in_that_cannot_be_keeps_the_name(chat: Chat, stalls: Stall) -> None:
    """One press tries again. The page does so by itself where it may run its script."""
    async with browser(chat) as visitor:
        stalls("read")
        answer = await sign_in(visitor, name="Ana", next="/rooms/tea")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert 'value="Ana"' in answer.text
        assert 'value="/rooms/tea"' in answer.text
        assert "Try again</button>" in answer.text
        assert 'id="waiting" role="alert" >' in answer.text
        assert "/js/doorway.js" in answer.text
        assert 'id="waiting" role="alert" hidden>' in (await visitor.get("/sign-in")).text


async def test_a_page_never_has_the_code_that_was_typed(guarded: Chat, stalls: Stall) -> None:
    async with browser(guarded) as visitor:
        stalls("take")
        answer = await sign_in(visitor, name="Ana", code=CODE)
        assert answer.status_code == 503
        assert 'value="Ana"' in answer.text
        assert 'type="password" required' in answer.text
        assert CODE not in answer.text


async def test_a_full_redis_is_not_waited_for() -> None:
    """It stays full until a moderator deletes something."""
    tries = 0

    async def work() -> None:
        nonlocal tries
        tries += 1
        raise LogFull

    with pytest.raises(LogFull):
        await retried(work)
    assert tries == 1


async def test_a_right_code_is_right_though_its_attempt_cannot_be_given_back(stalls: Stall) -> None:
    """Asking once more would count one more."""
    stalls("give_back", "remember")
    await AccessCode(MemoryStore(), CODE).check(CODE, "192.0.2.1")


async def test_signing_out_during_a_stall_is_tried_again(
    chat: Chat, stalls: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy of the cookie does not count either."""
    async with browser(chat) as visitor:
        await sign_in(visitor, name="Ana")
        cookie = visitor.cookies["tertulia"]
        stalls("mark", times=3)
        answer = await visitor.post("/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        assert "tertulia" not in visitor.cookies
        visitor.cookies["tertulia"] = cookie
        assert 'value="Ana"' not in (await visitor.get("/sign-in")).text


async def test_signing_out_again_disconnects_whom_the_first_try_could_not(chat: Chat, stalls: Stall) -> None:
    """The first one marked the login as ended, and did not reach all workers."""
    async with browser(chat) as visitor:
        await sign_in(visitor, name="Ana")
        ana = await connects(chat, visitor)
        broken = chat.relay.manager.disconnect_group

        async def unreachable(group: str) -> None:
            raise LogUnavailable("away")

        chat.relay.manager.disconnect_group = unreachable
        try:
            assert (await visitor.post("/sign-out")).status_code == 503
        finally:
            chat.relay.manager.disconnect_group = broken
        assert ana.sio.connected
        assert (await visitor.post("/sign-out")).status_code == 303
        await soon(lambda: not ana.sio.connected, what="the tab is disconnected")


async def test_signing_out_that_cannot_be_is_offered_again(chat: Chat, stalls: Stall) -> None:
    """The page does so by itself."""
    async with browser(chat) as visitor:
        await sign_in(visitor, name="Ana")
        stalls("mark")
        answer = await visitor.post("/sign-out")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert '<form class="sign-in" method="post" action="/sign-out">' in answer.text
        assert "/js/doorway.js" in answer.text
        assert "tertulia" in visitor.cookies


async def test_a_moderators_sign_in_during_a_stall_is_tried_again(guarded: Chat, stalls: Stall) -> None:
    async with browser(guarded) as visitor:
        await sign_in(visitor, name="Mia", code=CODE)
        stalls("take", "note", times=3)
        answer = await visitor.post("/moderate", data={"code": MODERATORS_CODE, "next": "/rooms/tea"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/rooms/tea")


async def test_a_moderators_sign_in_that_cannot_be_shows_its_form_again(guarded: Chat, stalls: Stall) -> None:
    async with browser(guarded) as visitor:
        await sign_in(visitor, name="Mia", code=CODE)
        stalls("note")
        answer = await visitor.post("/moderate", data={"code": MODERATORS_CODE, "next": "/rooms/tea"})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert 'value="/rooms/tea"' in answer.text
        assert MODERATORS_CODE not in answer.text


async def test_a_page_that_cannot_be_shown_asks_again_by_itself(bundle: Path, stalls: Stall) -> None:
    """Where no key is known yet nobody is recognised."""
    stalls("once")
    async with Chat(Settings(port=0, client_bundle=bundle)) as chat, browser(chat) as visitor:
        answer = await visitor.get("/rooms/tea")
        assert (answer.status_code, answer.headers["refresh"]) == (503, "5")


async def test_a_page_asked_for_during_a_stall_comes_late(bundle: Path, stalls: Stall) -> None:
    stalls("once", times=3)
    async with Chat(Settings(port=0, client_bundle=bundle)) as chat, browser(chat) as visitor:
        assert (await visitor.get("/rooms/tea")).status_code == 200
