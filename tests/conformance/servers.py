"""The server that the suites ask for, on stock python-socketio and on relay, and the ways to talk to it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import socketio
import uvicorn
from relay import Options, Relay, RelayHttp, RelayServer
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.support.waiting import soon

PING_INTERVAL, PING_TIMEOUT = 1.0, 2.5
"""Seconds. The suites have 0.3 and 0.2, which a busy machine may not keep."""
MAX_PAYLOAD = 1_000_000
NAMESPACES = "/", "/custom"
PATIENCE = 10.0
"""Seconds for one step of a case."""


def stock() -> Any:
    """Return python-socketio's own server."""
    server = socketio.AsyncServer(
        async_mode="asgi",
        namespaces=list(NAMESPACES),
        ping_interval=PING_INTERVAL,
        ping_timeout=PING_TIMEOUT,
        max_http_buffer_size=MAX_PAYLOAD,
        cors_allowed_origins=[],
    )
    echo(server)
    return socketio.ASGIApp(server)


def ours() -> Any:
    """Return relay's server."""
    options = Options(
        ping_interval=PING_INTERVAL,
        ping_timeout=PING_TIMEOUT,
        max_message_bytes=MAX_PAYLOAD,
        pending_seconds=1.0,
    )
    server = RelayServer(Relay.in_memory(lambda entry: entry.data, options).manager)
    echo(server)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await server.start()
        yield
        await server.stop()

    return Starlette(routes=[Mount("/socket.io", server)], lifespan=lifespan)


SERVERS = {"stock": (stock, "auto"), "relay": (ours, RelayHttp)}
"""What makes each application, and the HTTP protocol that uvicorn runs it with."""


def echo(server: Any) -> None:
    """Let a server answer as the suites want it: it says what was in `auth`, and sends back what it gets."""
    for namespace in NAMESPACES:
        _echo(server, namespace)


def _echo(server: Any, namespace: str) -> None:
    tasks: set[asyncio.Task[None]] = set()

    async def greet(sid: str, auth: Any) -> None:
        await soon(lambda: server.manager.is_connected(sid, namespace), what="the client to be connected")
        await server.emit("auth", auth or {}, to=sid, namespace=namespace)

    async def connect(sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        task = asyncio.create_task(greet(sid, auth))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def message(sid: str, *data: Any) -> None:
        await server.emit("message-back", data, to=sid, namespace=namespace)

    async def message_with_ack(sid: str, *data: Any) -> Any:
        return data

    async def ask_me(sid: str, question: Any) -> None:
        async def answered(*data: Any) -> None:
            await server.emit("answered", data, to=sid, namespace=namespace)

        await server.emit("ask", question, to=sid, namespace=namespace, callback=answered)

    server.on("connect", connect, namespace=namespace)
    server.on("ask-me", ask_me, namespace=namespace)
    server.on("message", message, namespace=namespace)
    server.on("message-with-ack", message_with_ack, namespace=namespace)


class Served:
    """A server that listens, and the ways to talk to it."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.url = url + "/socket.io/"
        self.http = http

    async def get(self, query: str) -> tuple[int, str]:
        """Return the status and the text of an answer."""
        return await self.request("GET", query)

    async def post(self, query: str, body: str) -> tuple[int, str]:
        return await self.request("POST", query, body)

    async def request(self, method: str, query: str, body: str | None = None) -> tuple[int, str]:
        async with self.http.request(method, f"{self.url}?{query}", data=body) as answer:
            return answer.status, await answer.text()

    async def opens(self) -> str:
        """Open a session that polls, and return its sid."""
        _, text = await self.get("EIO=4&transport=polling")
        return str(json.loads(text[1:])["sid"])

    async def joins(self) -> str:
        """Open a session that polls, and connect to the main namespace. Returns its query."""
        polling = f"EIO=4&transport=polling&sid={await self.opens()}"
        assert (await self.post(polling, "40"))[0] == 200
        await self.polls(polling, 2)  # it has connected, and what was in its `auth`
        return polling

    async def polls(self, polling: str, count: int) -> list[str]:
        """Return so many packets that are no pings, and answer the pings. They may come in several polls."""
        packets: list[str] = []
        while len(packets) < count:
            status, text = await self.get(polling)
            assert status == 200
            came = text.split("\x1e")
            if "2" in came:
                await self.post(polling, "3")
            packets += [packet for packet in came if packet != "2"]
        return packets

    @asynccontextmanager
    async def websocket(self, query: str = "EIO=4&transport=websocket") -> AsyncIterator["WebSocket"]:
        async with self.http.ws_connect(f"{self.url}?{query}") as ws:
            yield WebSocket(ws)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator["WebSocket"]:
        """A WebSocket that has connected to the main namespace, and was told what was in its `auth`."""
        async with self.websocket() as ws:
            for said in ("", "40", ""):
                if said:
                    await ws.send(said)
                await ws.text()
            yield ws

    async def refuses(self, query: str) -> bool:
        """Whether a WebSocket is refused, or closed before anything is said."""
        try:
            async with self.websocket(query) as ws:
                return await ws.ends()
        except aiohttp.WSServerHandshakeError:
            return True


class WebSocket:
    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self._ws = ws

    async def send(self, *packets: str | bytes) -> None:
        for packet in packets:
            await (self._ws.send_str(packet) if isinstance(packet, str) else self._ws.send_bytes(packet))

    async def next(self) -> str | bytes:
        """Return the next packet, whatever it is. Raises AssertionError if the WebSocket ends."""
        async with asyncio.timeout(PATIENCE):
            message = await self._ws.receive()
        assert message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY), f"it ended: {message}"
        return message.data  # type: ignore[no-any-return]

    async def text(self) -> str | bytes:
        """Return the next packet that is no ping, and answer the pings."""
        while (packet := await self.next()) == "2":
            await self.send("3")
        return packet

    async def ends(self) -> bool:
        """Whether the server closes the WebSocket, whatever it says before."""
        async with asyncio.timeout(PATIENCE):
            while not self._ws.closed:
                await self._ws.receive()
        return True


@asynccontextmanager
async def served(app: Any, http_protocol: Any) -> AsyncIterator[Served]:
    """Run an ASGI application in uvicorn, on a free port. `http_protocol`: what uvicorn takes as `http`."""
    config = uvicorn.Config(app, port=0, http=http_protocol, log_config=None, ws_ping_interval=None)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    running = asyncio.create_task(server.serve())
    await soon(lambda: server.started or running.done(), what="the server to listen")
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        async with aiohttp.ClientSession() as http:
            yield Served(f"http://127.0.0.1:{port}", http)
    finally:
        server.should_exit = True
        await running
