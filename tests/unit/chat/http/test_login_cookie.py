"""The login cookie: who makes it, when it counts, and whose it is."""

import time
from pathlib import Path

import httpx
import pytest
from chat.domain.identity import Identity
from chat.domain.people import Person
from chat.people.logins import AHEAD, LASTS
from chat.settings import Settings
from itsdangerous import TimestampSigner
from relay.memory.store import MemoryStore
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from tests.unit.visitors import connects, logins_on, sign_in
from tests.unit.wire import Chat

REQUEST = Request({"type": "http", "scheme": "http", "headers": [], "server": ("test", 80), "path": "/"})


async def test_the_cookie_is_secure_behind_tls(bundle: Path) -> None:
    """As the trusted proxy says."""
    settings = Settings(port=0, client_bundle=bundle, trusted_proxies=("127.0.0.1",))
    async with Chat(settings) as chat:
        page = await chat.http.get("/", headers={"X-Forwarded-Proto": "https"})
        assert "Secure" in page.headers["set-cookie"].split("; ")
        assert page.headers["strict-transport-security"] == "max-age=31536000"
        assert "strict-transport-security" not in (await chat.http.get("/")).headers


async def test_a_forged_or_foreign_cookie_makes_nobody(chat: Chat, visitor: httpx.AsyncClient) -> None:
    """Somebody new, and not who it says."""
    await sign_in(visitor, name="Ana")
    cookie = visitor.cookies["tertulia"]
    client = await connects(chat, visitor)
    ana = await client.who()
    await client.disconnect()
    body, rest = cookie.split(".", 1)
    # Not the last character, of whose bits base64 ignores some.
    changed = cookie[:-10] + ("A" if cookie[-10] != "A" else "B") + cookie[-9:]
    for forged in (changed, "x" + cookie, body, f"{body}x.{rest}", "", "a.b.c"):
        client = await chat.client("websocket", cookie=forged)
        assert (await client.who())["id"] != ana["id"]
        await client.disconnect()


@pytest.mark.parametrize(
    ("ahead", "counts"),
    [
        (1, True),
        (3600, True),
        (AHEAD - 60, True),
        (AHEAD + 60, False),
        (60 - LASTS, True),
        (-60 - LASTS, False),
    ],
)
async def test_a_cookie_counts_although_the_clock_was_set_back(
    monkeypatch: pytest.MonkeyPatch, ahead: int, counts: bool
) -> None:
    """Or another worker's, that gave it, is ahead; up to a day."""
    logins, response = logins_on(MemoryStore(), "k" * 32, None), Response()
    ana = Identity.of(Person.named("Ana"))
    with monkeypatch.context() as patch:
        patch.setattr(TimestampSigner, "get_timestamp", lambda signer: int(time.time()) + ahead)
        await logins.give(REQUEST, response, ana)
    assert await logins.read(sending(response)) == (ana if counts else None)


def sending(response: Response, scheme: str = "http", prefix: str = "") -> Scope:
    """A request with the cookie that this answer gave."""
    cookie = prefix + response.headers["set-cookie"].split(";")[0]
    return {**REQUEST.scope, "scheme": scheme, "headers": [(b"cookie", cookie.encode("latin-1"))]}


@pytest.mark.parametrize("scheme", ["https", "wss"])
async def test_over_tls_only_a_cookie_that_the_host_itself_gave_over_tls_counts(scheme: str) -> None:
    """One that was planted by whoever is on the line, or by another host of the domain, makes nobody."""
    logins, planted, given = logins_on(MemoryStore(), "k" * 32, None), Response(), Response()
    eve, ana = Identity.of(Person.named("Eve")), Identity.of(Person.named("Ana"))
    await logins.give(REQUEST, planted, eve)
    await logins.give(Request({**REQUEST.scope, "scheme": scheme}), given, ana)
    attributes = given.headers["set-cookie"].split("; ")
    assert attributes[0].startswith("__Host-tertulia=")
    assert {"Secure", "Path=/", "HttpOnly"} <= set(attributes)
    assert not any(each.startswith("Domain") for each in attributes)
    assert await logins.read(sending(planted)) == eve
    assert await logins.read(sending(planted, scheme)) is None
    for prefix in ("\xa0__Host-", "\x85__Host-", "=__Host-", "__host-", "x=y,__Host-"):
        assert await logins.read(sending(planted, scheme, prefix)) is None
    assert await logins.read(sending(given, scheme)) == ana
    first = planted.headers["set-cookie"].split(";")[0]
    assert await logins.read(sending(given, scheme, f"{first}; ")) == ana
    assert await logins.read(sending(given, "http")) == ana, "where the proxy said nothing of a WebSocket"
