"""An nginx on the same host is led to a worker's Unix socket, and reaches the same worker there."""

import asyncio
import logging
import os
import socket
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
import pytest
from chat.settings import Settings
from relay.transport.sid import route_of

from tests.unit.wire import WEBSOCKET, Chat

KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def chat_with_sockets(bundle: Path, folder: Path) -> Chat:
    return Chat(Settings(port=0, client_bundle=bundle, sockets_folder=folder, trusted_proxies=("127.0.0.1",)))


@pytest.fixture
def folder() -> Iterator[Path]:
    """With a short name: that of a socket may have 107 bytes."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
async def chat(bundle: Path, folder: Path) -> AsyncIterator[Chat]:
    """A worker that makes sockets."""
    async with chat_with_sockets(bundle, folder) as chat:
        yield chat


class Proxy:
    """A connection of a proxy that keeps it open, for one request after the other."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat

    async def __aenter__(self) -> "Proxy":
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._chat.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def asks(self, path: str = WEBSOCKET, **headers: str) -> str:
        """Send a handshake; return the head of the answer."""
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket"]
        lines += ["Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {KEY}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        return (await self._reader.readuntil(b"\r\n\r\n")).decode()


def led_to(answer: str) -> str:
    """Where an answer leads nginx; empty if nowhere."""
    found = [line.split(": ")[1] for line in answer.splitlines() if line.startswith("X-Accel-Redirect: ")]
    return found[0] if found else ""


async def led(chat: Chat) -> None:
    """Have the worker make its socket."""
    async with Proxy(chat) as nginx:
        assert led_to(await nginx.asks(X_Relay_Sockets="yes"))


def route_at(chat: Chat) -> str:
    """The route of the address at which the worker is reached."""
    return route_of(("127.0.0.1", chat.port))


@asynccontextmanager
async def over(folder: Path, chat: Chat, **headers: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A WebSocket over the worker's socket."""
    connector = aiohttp.UnixConnector(str(folder / route_at(chat)))
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.ws_connect(f"http://localhost{WEBSOCKET}", headers=headers) as websocket,
    ):
        yield websocket


async def test_who_follows_is_led_to_the_socket_with_the_query(chat: Chat, folder: Path) -> None:
    """It is named by the route of the address at which the worker was reached. Another user may connect."""
    async with Proxy(chat) as nginx:
        answer = await nginx.asks(f"{WEBSOCKET}&t=a%20b&u=%2F../x", X_Relay_Sockets="yes")
    route = route_at(chat)
    assert answer.startswith("HTTP/1.1 200 OK\r\n")
    query = WEBSOCKET.partition("?")[2]
    assert led_to(answer) == f"/relay-sockets/{route}?{query}&t=a%20b&u=%2F../x"
    assert stat.S_ISSOCK((folder / route).stat().st_mode)
    assert (folder / route).stat().st_mode & 0o006 == 0o006


async def test_a_session_over_the_socket_is_as_one_over_tcp(chat: Chat, folder: Path) -> None:
    """Its id leads to the same worker, and its client has the address that the proxy says."""
    await led(chat)
    async with over(folder, chat, **{"X-Forwarded-For": "192.0.2.9"}) as websocket:
        assert f'"sid":"{route_at(chat)}' in await websocket.receive_str()
        await websocket.send_str("40")
        assert (await websocket.receive_str()).startswith("40{")
        [held] = chat.relay.eio.sockets.values()
        assert held.address == "192.0.2.9"


async def test_the_kernel_takes_little_of_what_a_client_does_not_read(chat: Chat, folder: Path) -> None:
    await led(chat)
    async with over(folder, chat) as websocket:
        await websocket.receive_str()
        [held] = chat.relay.eio.sockets.values()
        connection = held._connection.transport.get_extra_info("socket")
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 32 * 1024


async def test_who_was_led_may_ask_again_over_the_same_connection(chat: Chat) -> None:
    async with Proxy(chat) as nginx:
        first = await nginx.asks(X_Relay_Sockets="yes")
        assert led_to(first)
        assert await nginx.asks(X_Relay_Sockets="yes") == first
        assert (await nginx.asks()).startswith("HTTP/1.1 101 ")


async def test_who_does_not_follow_is_served_over_tcp(chat: Chat, folder: Path) -> None:
    async with Proxy(chat) as nginx:
        assert (await nginx.asks()).startswith("HTTP/1.1 101 ")
    assert os.listdir(folder) == []


async def test_nobody_is_led_on_from_a_socket(chat: Chat, folder: Path) -> None:
    """Whatever a client says: it would go round for ever."""
    await led(chat)
    async with over(folder, chat, **{"X-Relay-Sockets": "yes"}) as websocket:
        assert (await websocket.receive_str()).startswith("0{")


async def test_a_socket_that_a_dead_worker_left_is_replaced(chat: Chat, folder: Path) -> None:
    """A container that comes later may have the address of one that was killed."""
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(folder / route_at(chat)))
    await led(chat)
    async with over(folder, chat) as websocket:
        assert (await websocket.receive_str()).startswith("0{")


async def test_a_socket_ends_with_its_worker(bundle: Path, folder: Path) -> None:
    async with chat_with_sockets(bundle, folder) as chat:
        await led(chat)
        assert len(os.listdir(folder)) == 1
    assert os.listdir(folder) == []


async def test_without_a_socket_everybody_is_served_over_tcp(
    chat: Chat, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says why, and says it once."""
    os.rmdir(folder)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            async with Proxy(chat) as nginx:
                assert (await nginx.asks(X_Relay_Sockets="yes")).startswith("HTTP/1.1 101 ")
    [warned] = [record.getMessage() for record in caplog.records if "socket" in record.getMessage()]
    assert warned.startswith(f"WebSockets come over TCP, since there is no socket in {folder}: ")
