"""Raw connections: HTTP/1.1 requests and WebSockets with nothing between the test and the wire."""

import asyncio
import ssl
from typing import Any, NamedTuple, Self

PATH = "/sio/socket.io/?EIO=4&transport="
UPGRADE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
PATIENCE = 5.0
"""Seconds until an answer counts as missing."""


class Door(NamedTuple):
    """Where the stack is reached; `name` is what its certificate is for, if it has one, and `headers` are
    lines that each request carries."""

    host: str
    port: int
    name: str | None = None
    headers: str = ""

    def seen_from(self, address: str) -> "Door":
        """The same for somebody at another address, where the stack trusts us as a proxy."""
        return self._replace(headers=f"X-Forwarded-For: {address}\r\n")

    def way(self) -> dict[str, Any]:
        """Return how asyncio connects to it."""
        tls = ssl.create_default_context() if self.name else None
        return {"host": self.host, "port": self.port, "ssl": tls, "server_hostname": self.name}


class Connection:
    """One TCP connection; an async context manager that drops it without a goodbye. `head` is that of the
    answer that came last."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.head = b""

    async def __aenter__(self) -> Self:
        opening = asyncio.open_connection(**self.door.way())
        self.reader, self.writer = await asyncio.wait_for(opening, PATIENCE)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.transport.abort()

    async def request(self, request: bytes) -> tuple[int, bytes]:
        """Send a request; return status and body of the answer. Raises ConnectionError if there is none."""
        self.writer.write(request)
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._answer()
        except asyncio.IncompleteReadError as error:
            raise ConnectionError("closed without an answer") from error

    async def _answer(self) -> tuple[int, bytes]:
        self.head = await self.reader.readuntil(b"\r\n\r\n")
        head = self.head.lower()
        status = int(head.split(b" ", 2)[1])
        if b"content-length:" in head:
            return status, await self.reader.readexactly(int(head.split(b"content-length:")[1].split()[0]))
        if b"chunked" in head:
            body = b""
            while size := int(await self.reader.readuntil(b"\r\n"), 16):
                body += (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readexactly(2)
            return status, body
        return status, b""

    async def get(self, query: str) -> tuple[int, bytes]:
        return await self.request(self._head("GET", f"polling{query}") + b"\r\n")

    async def post(self, sid: str, body: bytes) -> int:
        head = self._head("POST", f"polling&sid={sid}") + f"Content-Length: {len(body)}\r\n\r\n".encode()
        return (await self.request(head + body))[0]

    async def upgrade(self, query: str = "") -> int:
        """Ask for a WebSocket; return the status, 101 if there is one now."""
        return (await self.request(self._head("GET", f"websocket{query}") + UPGRADE.encode()))[0]

    def _head(self, method: str, query: str) -> bytes:
        """The head of a request but for the empty line."""
        return f"{method} {PATH}{query} HTTP/1.1\r\nHost: localhost\r\n{self.door.headers}".encode()

    async def frame(self) -> tuple[int, bytes]:
        """Return opcode and payload of the server's next frame. Raises ConnectionError at the end."""
        try:
            first, second = await self.reader.readexactly(2)
            size = second & 127
            if size > 125:
                size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8), "big")
            return first & 15, await self.reader.readexactly(size)
        except asyncio.IncompleteReadError as error:
            raise ConnectionError("closed") from error
