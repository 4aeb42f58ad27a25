"""Whatever request is sent, the answer is a clear 4xx. That no traceback is logged, the `stack` fixture
checks."""

import re
import socket
import ssl

import httpx
import pytest

from tests.support.session import POLLING
from tests.support.stack import Stack
from tests.support.waiting import eventually


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


def test_an_unknown_room_gets_a_page_that_says_so(http: httpx.Client) -> None:
    page = http.get("/rooms/No%20Room")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "No such room" in page.text


def test_a_room_named_after_markup_stays_text(http: httpx.Client) -> None:
    page = http.get("/rooms/<script>alert(1)<%2Fscript>")
    assert page.status_code == 404
    assert "<script>alert" not in page.text


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
