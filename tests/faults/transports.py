"""The transports: what carries an Engine.IO session's packets, as text. Knows nothing of what is in them.

Protocol: github.com/socketio/engine.io-protocol, version 4.
"""

import asyncio
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import aiohttp

SENDING = 10.0
"""Seconds that a POST may take."""
SEPARATOR = "\x1e"
FAILURES = (aiohttp.ClientError, OSError, TimeoutError, ValueError, KeyError, IndexError)
"""What a server that is away, dying or confused makes of a request, and of what is read in its answer."""


class ConnectionFailed(Exception):
    """The server could not be reached, refused, or said goodbye; the text says which."""


class Transport(Protocol):
    name: str

    def belongs_to(self, sid: str) -> None: ...
    async def receive(self) -> list[str]: ...
    async def send(self, packets: Sequence[str]) -> None: ...
    async def close(self) -> None: ...
    def cut(self) -> None: ...


class Polling:
    name = "polling"

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url
        self._query = {"EIO": "4", "transport": "polling"}

    @classmethod
    async def open(cls, http: aiohttp.ClientSession, url: str) -> "Polling":
        return cls(http, url)

    def belongs_to(self, sid: str) -> None:
        self._query["sid"] = sid

    async def receive(self) -> list[str]:
        # How long silence may last is the connection's business.
        async with self._http.get(self._url, params=self._query, timeout=aiohttp.ClientTimeout()) as answer:
            return (await _body(answer)).split(SEPARATOR)

    async def send(self, packets: Sequence[str]) -> None:
        body, patience = SEPARATOR.join(packets), aiohttp.ClientTimeout(SENDING)
        async with self._http.post(self._url, params=self._query, data=body, timeout=patience) as answer:
            await _body(answer)

    async def close(self) -> None:
        with suppress(*FAILURES, ConnectionFailed):
            await self.send(["1"])

    def cut(self) -> None:
        """There is nothing between two requests."""


class WebSocket:
    name = "websocket"

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse) -> None:
        self._websocket = websocket

    @classmethod
    async def open(cls, http: aiohttp.ClientSession, url: str, **session: str) -> "WebSocket":
        query = {"EIO": "4", "transport": "websocket", **session}
        patience = aiohttp.ClientWSTimeout(ws_close=1.0)
        return cls(await http.ws_connect(url, params=query, timeout=patience, max_msg_size=1 << 20))

    def belongs_to(self, sid: str) -> None:
        """It knows: it is the session's only one."""

    async def receive(self) -> list[str]:
        message = await self._websocket.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise ConnectionFailed(f"the WebSocket ended: {message.type.name} {message.data}")
        return [message.data]

    async def send(self, packets: Sequence[str]) -> None:
        for packet in packets:
            await self._websocket.send_str(packet)

    async def close(self) -> None:
        await self._websocket.close()

    def cut(self) -> None:
        """End the TCP connection without a goodbye."""
        with suppress(OSError, AttributeError):
            self._websocket.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._closing = asyncio.ensure_future(self._websocket.close())


async def _body(answer: aiohttp.ClientResponse) -> str:
    if answer.status != 200:
        raise ConnectionFailed(f"HTTP {answer.status}")
    return await answer.text()
