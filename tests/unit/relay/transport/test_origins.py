"""Whose pages may send something: origins are compared as RFC 6454 has them."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from chat.settings import Settings
from hypothesis import given
from hypothesis import strategies as st
from relay.transport.origin import Origin, refuse_origin

from tests.unit.wire import POLLING, Chat


def request(scheme: str, host: str, *origins: str) -> dict[str, object]:
    """An ASGI scope."""
    named = [(b"origin", origin.encode()) for origin in origins]
    return {"type": "http", "scheme": scheme, "headers": [(b"host", host.encode()), *named]}


@pytest.mark.parametrize(
    ("scheme", "host", "origin"),
    [
        ("http", "chat.example", "http://chat.example"),
        ("http", "chat.example:80", "http://chat.example"),
        ("https", "chat.example:443", "https://chat.example"),
        ("https", "chat.example", "https://chat.example:443"),
        ("https", "Chat.Example", "https://chat.example"),
        ("https", "chat.example", "HTTPS://CHAT.EXAMPLE"),
        ("wss", "chat.example:443", "https://chat.example"),
        ("ws", "chat.example:80", "http://chat.example"),
        ("https", "chat.example:8443", "https://chat.example:8443"),
        ("https", "my_chat.example", "https://my_chat.example"),
        ("https", "xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https", "chat.example.", "https://chat.example."),
        ("http", "[::1]:80", "http://[::1]"),
        ("http", "[2001:DB8:0:0::1]", "http://[2001:db8::1]"),
    ],
)
def test_the_same_origin_may(scheme: str, host: str, origin: str) -> None:
    assert refuse_origin(request(scheme, host, origin)) == ""


@pytest.mark.parametrize(
    ("scheme", "host", "origins"),
    [
        ("http", "chat.example", ["https://chat.example"]),
        ("https", "chat.example", ["http://chat.example"]),
        ("https", "chat.example:80", ["https://chat.example"]),
        ("http", "chat.example:443", ["http://chat.example"]),
        ("https", "chat.example", ["https://chat.example:8443"]),
        ("https", "chat.example", ["https://chat.example."]),
        ("https", "chat.example", ["https://chat.example.evil.example"]),
        ("https", "chat.example", ["https://chat.example@evil.example"]),
        ("https", "chat.example", ["https://evil.example@chat.example"]),
        ("https", "chat.example", ["https://chat.example/"]),
        ("https", "chat.example", ["https://chat.example\n"]),
        ("https", "chat.example", ["https://chat.example:99999"]),
        ("https", "chat.example", ["https://chat.example", "https://chat.example"]),
        ("https", "chat.example", ["https://chat.example,https://evil.example"]),
        ("https", "chat.example", ["null"]),
        ("https", "chat.example", ["wss://chat.example"]),
        ("https", "[::2]", ["https://[::1]"]),
        ("https", "[:::]", ["https://[:::]"]),
        ("https", "", ["https://"]),
    ],
)
def test_another_origin_may_not_and_is_told_where_it_is(scheme: str, host: str, origins: list[str]) -> None:
    assert "is not an accepted origin; this server was reached as " in refuse_origin(
        request(scheme, host, *origins)
    )


def test_a_program_names_no_origin() -> None:
    assert refuse_origin(request("http", "chat.example")) == ""


def test_two_hosts_are_nobodys_own() -> None:
    scope = request("http", "chat.example", "http://chat.example")
    scope["headers"] += [(b"host", b"chat.example")]  # type: ignore[operator]
    assert "a host without a name" in refuse_origin(scope)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("HTTPS://Chat.Example:443", "https://chat.example"),
        ("http://chat.example:80", "http://chat.example"),
        ("http://chat.example:443", "http://chat.example:443"),
        ("https://[::0:1]:8443", "https://[::1]:8443"),
        ("capacitor://localhost", "capacitor://localhost"),
        ("app://localhost:1", "app://localhost:1"),
    ],
)
def test_an_origin_is_shown_in_one_form(text: str, shown: str) -> None:
    """With its port where that is not the scheme's own."""
    assert str(Origin.parse(text)) == shown


@given(st.text())
def test_any_text_is_an_origin_in_one_form_or_refused(text: str) -> None:
    with suppress(ValueError):
        assert Origin.parse(str(Origin.parse(text))) == Origin.parse(text)


@pytest.mark.parametrize(
    "origin",
    [
        "https://friend.example:443",
        "capacitor://localhost",
        "ionic://localhost",
        "app://obsidian.md",
        "chrome-extension://abcdefghijklmnop",
    ],
)
async def test_listed_origins_may_connect_whatever_their_scheme(bundle: Path, origin: str) -> None:
    """And get the CORS headers that their pages need, with the origin as they wrote it."""
    settings = Settings.read(
        {"CLIENT_BUNDLE": str(bundle), "ALLOWED_ORIGINS": f"https://a.example, {origin}"}
    )
    written = origin.removesuffix(":443")
    async with Chat(replace(settings, port=0)) as chat:
        answer = await chat.http.get(POLLING, headers={"Origin": written})
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == written
        other = await chat.http.get(POLLING, headers={"Origin": written.replace("://", "://not-")})
        assert other.status_code == 400
        assert "access-control-allow-origin" not in other.headers


async def test_the_log_says_which_option_names_other_origins(
    bundle: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with Chat(Settings(client_bundle=bundle, port=0)) as chat:
        await chat.http.get(POLLING, headers={"Origin": "https://friend.example"})
    [said] = [line for line in caplog.messages if "https://friend.example" in line]
    assert "(allowed_origins, one of the Relay's options, names the other sites" in said
