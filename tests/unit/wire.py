"""A real uvicorn with the chat in it, and the ways to talk to it: a Socket.IO client, plain requests, raw
bytes."""

import asyncio
import json
import logging
import socket
from contextlib import suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Self

import aiohttp
import httpx
import socketio
import uvicorn
from chat.__main__ import config
from chat.app import build
from chat.settings import Settings

from tests.support.waiting import PATIENCE, soon

POLLING = "/sio/socket.io/?EIO=4&transport=polling"
WEBSOCKET = "/sio/socket.io/?EIO=4&transport=websocket"


class Log(logging.Handler):
    """Keeps every record, formatted."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    @property
    def tracebacks(self) -> list[str]:
        return [line for line in self.lines if "Traceback" in line]


class Chat:
    """A running worker; an async context manager."""

    def __init__(self, settings: Settings) -> None:
        app = build(settings)
        self.worker = uvicorn.Server(config(settings, app.asgi))
        self.relay: Any = app.server
        self.connections: Any = app.connections
        self.app = app
        self.clients: list[Client] = []

    async def __aenter__(self) -> Self:
        self.running = asyncio.create_task(self.worker.serve())
        await soon(lambda: self.worker.started or self.running.done(), what="the worker to listen")
        self.port: int = self.worker.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        # It keeps no cookie: what one test was given would make the next one's newcomer somebody else.
        jar = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self.http = httpx.AsyncClient(
            base_url=self.url, timeout=PATIENCE, verify=False, cookies=jar
        )  # see client_of
        return self

    async def __aexit__(self, *_: object) -> None:
        # A client that is only forgotten warns of its connection, in whatever test runs then.
        for client in self.clients:
            await client.disconnect()
        await self.http.aclose()
        await self.relay.drain(0)  # or uvicorn waits for polls until its time is over
        self.worker.should_exit = True
        await self.running

    async def client(self, *transports: str, **identity: Any) -> "Client":
        """Somebody who has connected; `cookie` and `auth` say as whom."""
        client = Client(list(transports or ("polling", "websocket")))
        await self.connect(client, **identity)
        return client

    async def connect(self, client: "Client", **identity: Any) -> None:
        """Connect a client, which is disconnected with the worker at the latest."""
        self.clients.append(client)
        await client.connect(self.url, **identity)

    async def polling(self) -> "Polling":
        """A session by plain requests that has joined the namespace."""
        opened = await self.http.get(POLLING)
        session = Polling(self, json.loads(opened.text[1:])["sid"])
        assert (await session.post("40")).status_code == 200
        # What is said in a room may come before the answer to who just entered it.
        assert any(packet.startswith("40{") for packet in (await session.poll()).text.split("\x1e"))
        return session

    def websocket(self, path: str = WEBSOCKET) -> Any:
        """An aiohttp WebSocket as a context manager, for what a client library would never send."""
        return WebSocket(self.url + path)

    async def raw(self, data: bytes) -> bytes:
        """Send bytes over a connection of their own; return what comes back, until it is closed or silent
        thereafter."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(data)
        received, patience = b"", PATIENCE
        with suppress(TimeoutError, ConnectionError):
            while chunk := await asyncio.wait_for(reader.read(65536), patience):
                received, patience = received + chunk, 0.5
        writer.transport.abort()
        return received

    async def still_works(self) -> None:
        """Somebody new can connect and is answered."""
        client = await self.client("websocket")
        assert (await client.say("still here?"))["ok"]
        await client.disconnect()


class Client:
    """A person with the real Python client, who remembers what they heard."""

    def __init__(self, transports: list[str]) -> None:
        self.transports = transports
        self.sio = socketio.AsyncClient(reconnection=False)
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.sio.on("response", lambda text, about: self.heard.append((text, about)))
        self.presence: list[dict[str, Any]] = []
        self.sio.on("presence", self.presence.append)
        self.typing: list[dict[str, Any]] = []
        self.sio.on("typing", self.typing.append)
        self.refusal: Any = None
        self.sio.on("connect_error", self._refused)

    async def connect(self, url: str, cookie: str | None = None, auth: Any = None) -> None:
        headers = {} if cookie is None else {"Cookie": f"tertulia={cookie}"}
        await self.sio.connect(
            url,
            headers,
            auth,
            transports=self.transports,
            socketio_path="sio/socket.io",
            wait_timeout=PATIENCE,
        )

    def _refused(self, reason: Any) -> None:
        self.refusal = reason

    async def asks(self, event: str, *arguments: Any) -> Any:
        return await self.sio.call(event, arguments, timeout=PATIENCE)

    async def who(self) -> dict[str, str]:
        """Who this person is, in the server's words."""
        return dict((await self.asks("rooms"))["you"])

    def here(self, room: str) -> set[str]:
        """The names of those who are in the room, by what was told of it."""
        people: dict[str, str] = {}
        for told in self.presence:
            if told["room"] == room:
                people |= {one["id"]: one["name"] for one in told.get("joined", ())}
                for one in told.get("left", ()):
                    people.pop(one["id"], None)
        return set(people.values())

    async def say(self, *arguments: Any) -> Any:
        return await self.sio.call("message", arguments, timeout=PATIENCE)

    async def hears(self, *texts: str) -> None:
        await soon(lambda: [t for t, _ in self.heard] == list(texts), what=f"hearing {texts}")

    async def disconnect(self) -> None:
        await self.sio.disconnect()


class Polling:
    """One session by long polling, request by request."""

    def __init__(self, chat: Chat, sid: str) -> None:
        self.chat = chat
        self.sid = sid

    async def post(self, body: str | bytes, **headers: str) -> httpx.Response:
        return await self.chat.http.post(f"{POLLING}&sid={self.sid}", content=body, headers=headers)

    async def poll(self) -> httpx.Response:
        return await self.chat.http.get(f"{POLLING}&sid={self.sid}")

    @property
    def open(self) -> bool:
        socket = self.chat.relay.eio.sockets.get(self.sid)
        return socket is not None and not socket.closed


class WebSocket:
    """A context manager that yields an open aiohttp WebSocket."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def __aenter__(self) -> aiohttp.ClientWebSocketResponse:
        self.session = aiohttp.ClientSession()
        try:
            self.ws = await self.session.ws_connect(self.url)
        except aiohttp.WSServerHandshakeError:
            await self.session.close()
            raise
        return self.ws

    async def __aexit__(self, *_: object) -> None:
        await self.ws.close()
        await self.session.close()


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port
