"""The key that login cookies are signed with: all workers have the same one, and keep it."""

import pytest
from chat.domain.identity import Identity
from chat.domain.people import Person
from chat.http import login_cookie
from chat.http.login_cookie import RENEWED, Logins
from relay import LogUnavailable
from relay.memory.store import MemoryStore
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from tests.unit.visitors import logins_on

ANA = Identity.of(Person("a1", "Ana"))
REQUEST = Request({"type": "http", "scheme": "http", "headers": [], "server": ("test", 80), "path": "/"})


class Clock:
    now = 1000.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(login_cookie, "monotonic", lambda: clock.now)
    return clock


class Store(MemoryStore):
    """Counts how often the key is asked for. May be away, or wiped."""

    asked = 0
    away = False

    async def once(self, key: str, value: bytes) -> bytes:
        self.asked += 1
        if self.away:
            raise LogUnavailable("away")
        return await super().once(key, value)

    def wipe(self) -> None:
        self._kept.clear()


async def signed_by(logins: Logins) -> Scope:
    """A request with a cookie of Ana's."""
    response = Response()
    await logins.give(REQUEST, response, ANA)
    cookie = response.headers["set-cookie"].split(";")[0]
    return {**REQUEST.scope, "headers": [(b"cookie", cookie.encode("latin-1"))]}


async def test_a_cookie_of_one_worker_counts_at_another() -> None:
    """Though no key was given: it is made once, and kept where all find it."""
    store = Store()
    one, other = logins_on(store, None, None), logins_on(store, None, None)
    assert await other.read(await signed_by(one)) == ANA
    assert await logins_on(Store(), None, None).read(await signed_by(one)) is None


async def test_the_key_is_asked_for_from_time_to_time(clock: Clock) -> None:
    """Not with each request."""
    store = Store()
    logins = logins_on(store, None, None)
    for _ in range(3):
        await logins.read(await signed_by(logins))
    clock.now += RENEWED
    await logins.read(await signed_by(logins))
    assert store.asked == 1
    clock.now += 0.1
    await logins.read(await signed_by(logins))
    assert store.asked == 2


async def test_a_store_that_was_wiped_is_given_the_key_again(clock: Clock) -> None:
    """So everybody stays who they are, at workers that come later too."""
    store = Store()
    logins = logins_on(store, None, None)
    cookie = await signed_by(logins)
    store.wipe()
    clock.now += RENEWED + 0.1
    assert await logins.read(cookie) == ANA
    assert await logins_on(store, None, None).read(cookie) == ANA


async def test_a_store_that_is_away_is_missed_only_by_who_has_no_key_yet(clock: Clock) -> None:
    store = Store()
    knows, new = logins_on(store, None, None), logins_on(store, None, None)
    await knows.prepare()
    cookie = await signed_by(knows)
    store.away = True
    clock.now += RENEWED + 0.1
    assert await knows.read(cookie) == ANA
    await new.prepare()
    with pytest.raises(LogUnavailable):
        await new.read(cookie)
    store.away = False
    assert await new.read(cookie) == ANA


async def test_a_key_that_was_given_is_asked_for_nowhere() -> None:
    store = Store()
    cookie = await signed_by(logins_on(store, "k" * 32, None))
    assert await logins_on(Store(), "k" * 32, None).read(cookie) == ANA
    assert await logins_on(Store(), "j" * 32, None).read(cookie) is None
    assert store.asked == 0
