"""Whatever is sent, the answer is a clear 4xx; that no traceback is logged, the `stack` fixture checks."""

import re
import socket
import ssl

import httpx
import pytest

from tests.support.people import ORDINARY, crowd, on_each_worker
from tests.support.session import POLLING, Session
from tests.support.stack import Stack
from tests.support.waiting import eventually, soon

HELLO = '42["message","hello"]'


def raw(stack: Stack, request: str) -> int:
    """Send bytes as they are; return the status of the answer."""
    host, port = stack.listen.split(":")
    connection = socket.create_connection((host, int(port)), timeout=5)
    if stack.url.startswith("https"):
        connection = ssl.create_default_context().wrap_socket(connection, server_hostname=host)
    with connection:
        connection.sendall(request.encode("latin-1"))
        return int(connection.recv(1000).split(b" ")[1])


@pytest.mark.parametrize(
    "host",
    [
        "",
        "a b",
        "a/b",
        "a\\b",
        "[::1",
        "a:b:c",
        "a:port",
        "a:99999",
        "user@host",
        "\xff\xfe",
        "a\x01b",
        ".",
        "a,b",
    ],
)
@pytest.mark.parametrize("path", ["/", "/rooms/lobby", "/nothing", "/health", POLLING])
def test_a_malformed_host_is_never_a_server_error(stack: Stack, host: str, path: str) -> None:
    assert raw(stack, f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n") < 500


@pytest.mark.parametrize("host", ["a b", "a/b", "[::1"])
def test_a_host_that_is_no_name_is_refused(stack: Stack, host: str) -> None:
    assert raw(stack, f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n") == 400


def test_no_host_and_two_hosts_are_refused(stack: Stack) -> None:
    assert raw(stack, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n") == 400
    assert raw(stack, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n") == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/", 405),
        ("DELETE", "/rooms/lobby", 405),
        ("PUT", "/health", 405),
        ("BREW", "/", 400),
        ("DELETE", POLLING, 405),
        ("PUT", POLLING, 405),
        ("POST", "/socket.io/socket.io.js", 405),
        ("GET", "/nothing", 404),
        ("GET", "/sio/", 404),
        ("GET", "/sio/nothing", 404),
        ("GET", "/health/nothing", 404),
        ("GET", "/metrics", 404),
        ("GET", "/static/", 403),
        ("GET", "/static/../nginx.conf", 404),
        ("GET", "/socket.io/", 403),
        ("GET", "/rooms/", 404),
        ("GET", "/rooms/%ff%fe", 404),
        ("GET", "/rooms/%00", 400),
        ("GET", "/%2e%2e/%2e%2e/etc/passwd", 400),
        ("GET", "/" + "a" * 9000, 414),
    ],
)
def test_a_wrong_method_or_path_is_refused(http: httpx.Client, method: str, path: str, status: int) -> None:
    assert http.request(method, path).status_code == status


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
        b'451-["message",{"_placeholder":true,"num":0}]',
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


def test_an_unknown_room_gets_a_page_that_says_so(http: httpx.Client) -> None:
    page = http.get("/rooms/No%20Room")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "No such room" in page.text


def test_a_room_named_after_markup_stays_text(http: httpx.Client) -> None:
    page = http.get("/rooms/<script>alert(1)<%2Fscript>")
    assert page.status_code == 404
    assert "<script>alert" not in page.text


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


def test_nothing_that_steers_a_terminal_reaches_a_log(stack: Stack) -> None:
    """From a path or another header, encoded or as it is; of what is there and of what is not."""
    since = len(stack.logs.lines)
    marks: list[str] = []
    for place in ("/", "/static/000000000000/", "/socket.io/", "/rooms/", "/sio/socket.io/"):
        for number, steering in enumerate(("%C2%9B31m", "%1B[31m", "\xc2\x9b31m", "\x9b31m", "%0A", "%7F")):
            marks.append(f"mark{len(marks)}")
            path = f"{place}{marks[-1]}{steering}" if number not in (2, 3) else f"{place}{steering}"
            header = f"Referer: {marks[-1]}\x1b[31m\xc2\x9b31m"
            raw(
                stack, f"GET {path} HTTP/1.1\r\nHost: {stack.listen}\r\n{header}\r\nConnection: close\r\n\r\n"
            )
    eventually(
        lambda: any(marks[-1] in line.text for line in stack.logs.of("nginx", since)),
        within=10,
        what="the last is logged",
    )
    said = "".join(line.text for line in stack.logs.lines[since:])
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\ufffd]", said)
