"""The opening handshake of a WebSocket: one answer for all that have nothing unusual."""

import asyncio

import aiohttp
import pytest
import uvicorn
from relay import RelayHttp
from relay.transport.opening import answer_to
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from tests.support.waiting import soon
from tests.unit.wire import free_port

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
"""The example of RFC 6455, section 1.3."""
USUAL = {
    b"host": b"example.org",
    b"connection": b"Upgrade",
    b"upgrade": b"websocket",
    b"origin": b"https://example.org",
    b"sec-websocket-version": b"13",
    b"sec-websocket-key": KEY,
    b"sec-websocket-extensions": b"permessage-deflate; client_max_window_bits",
}


def test_the_answer_proves_that_the_key_was_read() -> None:
    """As in the RFC. No extension is accepted."""
    assert answer_to("GET", [*USUAL.items()]) == (
        b"HTTP/1.1 101 Switching Protocols\r\n"
        b"Upgrade: websocket\r\n"
        b"Connection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    )


@pytest.mark.parametrize("name", [b"connection", b"upgrade", b"sec-websocket-version", b"sec-websocket-key"])
def test_a_handshake_without_all_its_headers_is_left_to_a_judge(name: bytes) -> None:
    assert answer_to("GET", [pair for pair in USUAL.items() if pair[0] != name]) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"connection", b"keep-alive, Upgrade"),
        (b"upgrade", b"h2c, websocket"),
        (b"sec-websocket-version", b"8"),
        (b"sec-websocket-key", KEY[:-4]),
        (b"sec-websocket-key", b"*" + KEY[1:]),
        (b"sec-websocket-protocol", b"chat"),
    ],
)
def test_a_handshake_with_something_unusual_is_left_to_a_judge(name: bytes, value: bytes) -> None:
    assert answer_to("GET", [*(USUAL | {name: value}).items()]) is None


@pytest.mark.parametrize(
    "name", [b"connection", b"upgrade", b"origin", b"sec-websocket-version", b"sec-websocket-key"]
)
def test_a_handshake_that_says_something_twice_is_left_to_a_judge(name: bytes) -> None:
    assert answer_to("GET", [*USUAL.items(), (name, USUAL[name])]) is None


def test_a_handshake_by_another_method_is_left_to_a_judge() -> None:
    assert answer_to("POST", [*USUAL.items()]) is None


@pytest.mark.parametrize("deflate", [True, False])
@pytest.mark.parametrize("protocols", [(), ("chat",)])
async def test_another_application_accepts_a_websocket_itself(
    protocols: tuple[str, ...], deflate: bool
) -> None:
    """With headers and a subprotocol of its own, and with compression where uvicorn has it."""

    async def greet(websocket: WebSocket) -> None:
        await websocket.accept(subprotocol=next(iter(protocols), None), headers=[(b"x-own", b"yes")])
        await websocket.send_text(websocket.url.path + await websocket.receive_text())
        await websocket.close(4000)

    application, port = Starlette(routes=[WebSocketRoute("/a b", greet)]), free_port()
    server = uvicorn.Server(
        uvicorn.Config(
            application, port=port, http=RelayHttp, ws_per_message_deflate=deflate, log_config=None
        )
    )
    serving = asyncio.create_task(server.serve())
    await soon(lambda: server.started, what="it listens")
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"http://127.0.0.1:{port}/a%20b", protocols=protocols, compress=15) as websocket,
    ):
        assert websocket.protocol == (protocols[0] if protocols else None)
        assert bool(websocket.compress) == deflate
        await websocket.send_str("!")
        assert await websocket.receive_str() == "/a b!"
        await websocket.receive()
        assert websocket.close_code == 4000
    await soon(lambda: not server.server_state.connections, what="the connection is closed")
    server.should_exit = True
    await serving
