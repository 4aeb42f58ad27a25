"""Requests that no client of ours would send: answered with a 4xx, never a 5xx, never a traceback in the log.

The `chat` fixture fails each of these tests if there is one.
"""

import asyncio

import pytest

from tests.unit.wire import POLLING, WEBSOCKET, Chat, Log

UPGRADE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/sio/socket.io/", 400),
        ("GET", "/sio/socket.io/?EIO=3&transport=polling", 400),
        ("GET", "/sio/socket.io/?EIO=four&transport=polling", 400),
        ("GET", "/sio/socket.io/?EIO=4&transport=carrier-pigeon", 400),
        ("GET", WEBSOCKET, 400),
        ("GET", f"{POLLING}&sid=unknown", 400),
        ("GET", f"{POLLING}&sid=%0d%0aforged", 400),
        ("GET", f"{POLLING}&sid=%ff%fe", 400),
        ("GET", f"{POLLING}&j=0", 400),
        ("GET", f"{POLLING}&j=nine", 400),
        ("POST", POLLING, 400),
        ("POST", f"{POLLING}&sid=unknown", 400),
        ("PUT", POLLING, 405),
        ("DELETE", POLLING, 405),
        ("HEAD", POLLING, 405),
        ("BREW", POLLING, 400),
        ("GET", "/sio/", 404),
        ("GET", "/sio/elsewhere", 404),
        ("GET", "/no/such/page", 404),
        ("POST", "/", 405),
        ("DELETE", "/health", 405),
        ("GET", "/static/000000000000/nothing", 404),
        ("GET", "/static/000000000000/../../pyproject.toml", 404),
        ("GET", "/static/000000000000/%2e%2e/%2e%2e/pyproject.toml", 404),
        ("GET", "/socket.io/%00", 404),
    ],
)
async def test_a_wrong_request_is_answered_with_4xx(chat: Chat, method: str, path: str, status: int) -> None:
    """Path, method, transport, protocol version, session, JSONP."""
    answer = await chat.raw(f"{method} {path} HTTP/1.1\r\nHost: chat\r\nConnection: close\r\n\r\n".encode())
    assert answer.split(b"\r\n")[0].split(b" ")[1] == str(status).encode()
    await chat.still_works()


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n bad\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: chat\r\n\r\n",
        b"POST %b HTTP/1.1\r\nHost: chat\r\nContent-Length: nine\r\n\r\n1" % POLLING.encode(),
        b"POST %b HTTP/1.1\r\nHost: chat\r\nContent-Length: -1\r\n\r\n1" % POLLING.encode(),
        b"GET %b HTTP/1.1\r\nHost: chat\r\nUpgrade: websocket\r\n\r\n" % WEBSOCKET.encode(),
        b"GET %b HTTP/1.1\r\nHost: chat\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        % WEBSOCKET.encode(),
        f"POST {WEBSOCKET} HTTP/1.1\r\nHost: chat\r\n{UPGRADE}\r\n".encode(),
        f"GET {WEBSOCKET} HTTP/1.1\r\nHost: chat\r\n{UPGRADE}".encode() + b"X: 1\r\n" * 200 + b"\r\n",
        f"GET {WEBSOCKET} HTTP/1.1\r\nHost: chat\r\n{UPGRADE}X: {'y' * 9000}\r\n\r\n".encode(),
        f"GET {WEBSOCKET}&x=".encode() + b"\xff HTTP/1.1\r\nHost: chat\r\n" + f"{UPGRADE}\r\n".encode(),
        f"GET {WEBSOCKET}&sid=unknown HTTP/1.1\r\nHost: chat\r\n{UPGRADE}\r\n".encode(),
        f"GET {POLLING} HTTP/1.1\r\nHost: chat\r\n{UPGRADE}\r\n".encode(),
        f"GET {WEBSOCKET.replace('EIO=4', 'EIO=9')} HTTP/1.1\r\nHost: chat\r\n{UPGRADE}\r\n".encode(),
        f"GET /sio/elsewhere HTTP/1.1\r\nHost: chat\r\n{UPGRADE}\r\n".encode(),
        f"GET / HTTP/1.1\r\nHost: chat\r\n{UPGRADE}\r\n".encode(),
    ],
)
async def test_a_broken_request_is_answered_with_4xx(chat: Chat, request_: bytes) -> None:
    """Bytes that are no HTTP, wrong lengths, handshakes that are none or lead nowhere."""
    answer = await chat.raw(request_)
    assert 400 <= int(answer.split(b" ")[1]) < 500
    await chat.still_works()


async def test_a_client_that_leaves_in_the_middle_of_its_request_is_no_error(chat: Chat) -> None:
    """Stock engineio fails on it with a KeyError."""
    session = await chat.polling()
    for path in (POLLING, f"{POLLING}&sid={session.sid}"):
        _, writer = await asyncio.open_connection("127.0.0.1", chat.port)
        writer.write(f"POST {path} HTTP/1.1\r\nHost: chat\r\nContent-Length: 100\r\n\r\n".encode())
        await writer.drain()
        writer.transport.abort()
    await chat.still_works()


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 200),
        ("http://127.0.0.1:{port}", 200),
        ("http://127.0.0.1:1", 400),
        ("https://127.0.0.1:{port}", 400),
        ("https://evil.example", 400),
        ("null", 400),
    ],
)
async def test_only_pages_of_the_same_origin_may_connect(chat: Chat, origin: str | None, status: int) -> None:
    """Programs, which send no Origin, may."""
    headers = {"Origin": origin.format(port=chat.port)} if origin else {}
    assert (await chat.http.get(POLLING, headers=headers)).status_code == status


async def test_the_same_mistake_made_often_is_one_line_in_the_log(chat: Chat, log: Log) -> None:
    """So that nobody fills the disk with it."""
    before = len(log.lines)
    for _ in range(50):
        await chat.http.get(f"{POLLING}&sid=unknown")
    assert len([line for line in log.lines[before:] if "bad-sid" in line]) == 1
