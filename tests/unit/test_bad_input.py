"""What no client of ours would send: answered with a 4xx or closed, never a 5xx, never a traceback in the
log.

The `chat` fixture fails each of these tests if there is one.
"""

import asyncio
from http import HTTPStatus

import aiohttp
import pytest

from tests.support.waiting import soon
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
    "body",
    [
        b"",
        b"\xff\xfe",
        b"x",
        b"9",
        b"4",
        b"40\x1e",
        b"2",
        b"0{}",
        b"bAAAA",
        b"b=",
        b"4" + b"[" * 60000,
        b"42" + b"[" * 60000,
        b"42",
        b"42{}",
        b"42[]",
        b"42[7]",
        b"42[null]",
        b'42"message"',
        b"42[",
        b'421e999["message","x"]',
        b"42" + b"1" * 200 + b'["message","x"]',
        "42²[]".encode(),
        b'44{"message":"forged"}',
        b'451-["message",{"_placeholder":true,"num":0}]',
        b'459999999999-["message"]',
        b"461-1[]",
        b"47",
        b"43[",
        b'43{"a":1}',
        b'42["connect",{}]',
        b'42["disconnect"]',
        b'42/,["message","x"]\x1e42["disconnect","forged"]',
        b"d=40",
        b"\x1e".join([b"3"] * 65),
        b'42["message","' + b"x" * 65536 + b'"]',
    ],
    ids=repr,
)
async def test_a_malformed_post_is_answered_with_400_and_closes_its_session(chat: Chat, body: bytes) -> None:
    """Stock engineio answers 200, drops what came with it and logs a traceback for most of these."""
    session = await chat.polling()
    assert (await session.post(body)).status_code == 400
    assert not session.open
    await chat.still_works()


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "x",
        "0",
        "2",
        "6",
        "9",
        "4",
        b"\x00",
        b"4",
        "4" + "[" * 60000,
        "42[",
        "42{}",
        "42[7]",
        '42["connect",{}]',
        '42["disconnect"]',
        '451-["message",{"_placeholder":true,"num":0}]',
        "44{}",
        "x" * 65537,
    ],
    ids=lambda frame: repr(frame[:40]),
)
async def test_a_malformed_frame_closes_its_websocket(chat: Chat, frame: str | bytes) -> None:
    """And leaves no session behind."""
    async with chat.websocket() as ws:
        await ws.receive_str()
        await ws.send_str("40")
        assert (await ws.receive_str()).startswith("40{")
        await (ws.send_str(frame) if isinstance(frame, str) else ws.send_bytes(frame))
        closed = await ws.receive(timeout=5)
        while closed.type is aiohttp.WSMsgType.TEXT:
            closed = await ws.receive(timeout=5)
        assert closed.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    await soon(lambda: not chat.relay.eio.sockets, within=5, what="the session to end")
    await chat.still_works()


async def test_text_that_is_not_utf8_closes_its_websocket(chat: Chat) -> None:
    """Stock uvicorn logs a traceback."""
    async with chat.websocket() as ws:
        await ws.receive_str()
        await ws._writer.send_frame(b'42["\xff"]', aiohttp.WSMsgType.TEXT)
        assert (await ws.receive(timeout=5)).data == 1007
    await chat.still_works()


async def test_a_client_cannot_run_the_handlers_of_connect_and_disconnect(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stock python-socketio calls them with the client's own arguments when it emits events of that name."""
    calls: list[object] = []
    monkeypatch.setitem(chat.relay.handlers["/"], "disconnect", lambda sid, reason: calls.append(reason))
    session = await chat.polling()
    assert (await session.post('42["disconnect","forged"]')).status_code == 400
    assert calls == ["bad input: the event name 'disconnect' is reserved"]


async def test_an_event_that_nobody_declared_is_ignored(chat: Chat) -> None:
    """The session lives on."""
    session = await chat.polling()
    answer = await session.post('42["typing",{}]\x1e421["*"]\x1e43[1]\x1e4399["x"]')
    assert answer.status_code == 200
    assert session.open


async def test_a_body_without_a_length_is_read_all_the_same(chat: Chat) -> None:
    """A proxy may pass it on in chunks; stock engineio then reads nothing and answers 200."""
    session = await chat.polling()
    listener = await chat.client("websocket")
    head = f"POST {POLLING}&sid={session.sid} HTTP/1.1\r\nHost: chat\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = await chat.raw(head.encode() + b'5\r\n42["m\r\nc\r\nessage","x"]\r\n0\r\n\r\n')
    assert answer.startswith(b"HTTP/1.1 200 ")
    await listener.hears("x")
    await listener.disconnect()


async def test_many_packets_in_one_post_are_all_taken(chat: Chat) -> None:
    """Who was offline sends what they queued at once; stock engineio drops all of 17."""
    session = await chat.polling()
    listener = await chat.client("websocket")
    body = "\x1e".join(f'42["message","{n}"]' for n in range(64))
    assert (await session.post(body)).status_code == 200
    await listener.hears(*map(str, range(64)))
    await listener.disconnect()


async def test_an_upgrade_that_breaks_off_leaves_the_session_polling(chat: Chat) -> None:
    """Stock engineio then answers each poll at once with nothing, for ever."""
    session = await chat.polling()
    async with chat.websocket(f"{WEBSOCKET}&sid={session.sid}"):
        pass
    await soon(lambda: not chat.relay.eio.sockets[session.sid].upgrading, within=5, what="the upgrade to end")
    await session.post('42["message","hello"]')
    assert "hello" in (await session.poll()).text


async def test_a_second_upgrade_at_the_same_time_is_refused(chat: Chat) -> None:
    """With a reason, while the first one goes on."""
    session = await chat.polling()
    path = f"{WEBSOCKET}&sid={session.sid}"
    async with chat.websocket(path) as ws:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            async with chat.websocket(path):
                pass
        assert refusal.value.status == HTTPStatus.BAD_REQUEST
        await ws.send_str("2probe")
        assert await ws.receive_str() == "3probe"


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
