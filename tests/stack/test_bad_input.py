"""Whatever a session sends, its sender gets a clear refusal, and nobody else notices; that no traceback is
logged, the `stack` fixture checks."""

import httpx
import pytest

from tests.support.people import ORDINARY, crowd, on_each_worker
from tests.support.session import Session
from tests.support.stack import Stack
from tests.support.waiting import soon

HELLO = '42["message","hello"]'


@pytest.mark.parametrize(
    "query",
    [
        "",
        "transport=polling",
        "EIO=3&transport=polling",
        "EIO=5&transport=polling",
        "EIO=four&transport=polling",
        "EIO=4&transport=pigeon",
        "EIO=4&transport=websocket",
        "EIO=4&transport=polling&j=0",
        "EIO=4&transport=polling&sid=unknown",
        "EIO=4&transport=polling&sid=" + "0" * 32 + "unknown",
        "EIO=4&transport=polling&sid=%00%ff",
        "EIO=4&transport=polling&sid=" + "a" * 4000,
    ],
)
def test_a_wrong_transport_version_or_session_is_refused(http: httpx.Client, query: str) -> None:
    answer = http.get(f"/sio/socket.io/?{query}")
    assert answer.status_code == 400
    assert answer.text, "it says what is wrong"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-WebSocket-Version": "8", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="},
        {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "short"},
        {"Sec-WebSocket-Version": "13"},
    ],
)
def test_a_malformed_upgrade_is_refused(http: httpx.Client, headers: dict[str, str]) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
    answer = http.get("/sio/socket.io/?EIO=4&transport=websocket", headers=upgrade | headers)
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\xfe\xfd",
        b"garbage",
        b"9",
        b"4",
        b"44",
        b"47",
        b"42",
        b"42[",
        b"42{}",
        b"42[]",
        b"42[1]",
        b'42"message"',
        b"42[" * 5000,
        b'42["connect",{}]',
        b'42["disconnect"]',
        b'451-["message",{"_placeholder":true,"num":0}]\x1e42["message","amid"]',
        b'451-["message",{"_placeholder":true,"num":1}]\x1ebAAAA',
        b'450-["message"]',
        b"bAAAA",
        b'4599999999999-["message"]',
        b"\x1e" * 20,
    ],
)
def test_a_garbled_polling_payload_is_refused(stack: Stack, payload: bytes) -> None:
    assert Session(stack.url).joins().posts(payload).status_code == 400


@pytest.mark.parametrize("payload", [b"\x1e".join([b"3"] * 100), b'42/somewhere,["message","hello"'])
def test_what_is_of_no_use_is_passed_over(stack: Stack, payload: bytes) -> None:
    """However many packets come together; and the arguments of an event where the session is not."""
    session = Session(stack.url).joins()
    assert session.posts(payload).status_code == 200
    assert session.posts('420["rooms"]').status_code == 200
    session.hears('430[{"ok":true')


def test_packets_before_connecting_reach_nobody(stack: Stack) -> None:
    """A session that never joined the namespace cannot speak."""
    listener = Session(stack.url).joins()
    assert Session(stack.url).posts(HELLO).status_code < 500
    Session(stack.url).joins().posts('42["message","a proper one"]').raise_for_status()
    assert "hello" not in listener.hears("a proper one")


def test_an_oversized_body_is_refused_at_the_door(stack: Stack) -> None:
    answer = Session(stack.url).joins().posts(b"4" * (64 * 1024 + 1))
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")


async def test_an_oversized_websocket_frame_closes_its_sender_only(stack: Stack) -> None:
    async with on_each_worker(stack.url, list(stack.workers())) as (ana, ben):
        session = ana.sid
        await ana.sends_raw("4" * (64 * 1024 + 1))
        await soon(lambda: ana.is_here and ana.sid != session, what="ana was closed and is back")
        assert ben.departures == []


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (None, "invalid"),
        (17, "invalid"),
        (["a", "list"], "invalid"),
        ({"an": "object"}, "invalid"),
        ("", "empty"),
        (" \n ", "empty"),
        ("x" * 4001, "too_long"),
        (("hello", "no options"), "invalid"),
        (("hello", {"room": 5}), "invalid"),
        (("hello", {"room": "nowhere"}), "not_joined"),
        (("hello", {"id": "not an id"}), "invalid"),
        (("hello", {}, "too many"), "invalid"),
    ],
)
async def test_a_wrong_message_is_an_error_to_its_sender_only(
    stack: Stack, message: object, error: str
) -> None:
    async with crowd(stack.url, ORDINARY, ORDINARY) as (ana, ben):
        arguments = message if isinstance(message, tuple) else (message,)
        ack = await ana.asks("message", *arguments)
        assert (ack["ok"], ack["error"]) == (False, error)
        assert ack["detail"].endswith(".")
        assert (await ana.says("and now a proper one"))["ok"]
        await ben.hears("and now a proper one")
        assert list(ben.heard) == ["and now a proper one"]
        assert ana.departures == []
