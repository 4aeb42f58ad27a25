"""The limit: one bare event loop that writes one prebuilt frame to each socket, with no protocol behind it.

It answers the WebSocket handshake and the two things its clients wait for, looks for the text and the room at
fixed places, parses nothing, checks nothing, pings nobody and knows no other process. No chat can be faster
on an event loop that writes a frame at a time; the distance to it is what a protocol costs.
"""

import asyncio
import base64
import hashlib
import re
from typing import Any

import uvloop

ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
OPEN = b'0{"sid":"limit","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":65536}'
JOIN = re.compile(rb'42(\d+)\["join",\{"room":"([^"]+)"')
MESSAGE = re.compile(rb'42(\d+)\["message","([^"]*)",\{"room":"([^"]+)","id":"([^"]+)"')

rooms: dict[bytes, set[Any]] = {}


def frame(payload: bytes) -> bytes:
    """One unmasked text frame of less than 64 KiB."""
    size = len(payload)
    return (bytes((0x81, size)) if size < 126 else b"\x81\x7e" + size.to_bytes(2, "big")) + payload


def response(room: bytes, text: bytes, id: bytes) -> bytes:
    """A message as its room hears it, in its frame; the constants are as long as what they stand for."""
    author = b'{"id":"00000000000000000000000000000000","name":"Guest"}'
    about = b'{"room":"%b","id":"%b","seq":1,"at":1700000000000,"author":%b}' % (room, id, author)
    return frame(b'42["response","%b",%b]' % (text, about))


class Peer(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:  # uvloop's transports are no asyncio.Transport
        self.transport = transport
        self.received = b""
        self.upgraded = False

    def connection_lost(self, exc: Exception | None) -> None:
        for members in rooms.values():
            members.discard(self.transport)

    def data_received(self, data: bytes) -> None:
        self.received += data
        if not self.upgraded:
            self._answer_handshake()
        while self.upgraded and (payload := self._next_frame()) is not None:
            self._answer(payload)

    def _answer_handshake(self) -> None:
        head, end, rest = self.received.partition(b"\r\n\r\n")
        if not end:
            return
        self.received = rest
        key = re.search(rb"(?i)sec-websocket-key: *(\S+)", head)
        if key is None:
            found = b"200 OK" if head.startswith(b"GET /health ") else b"404 Not Found"
            self.transport.write(b"HTTP/1.1 %b\r\nContent-Length: 0\r\n\r\n" % found)
            return
        accept = base64.b64encode(hashlib.sha1(key[1] + ACCEPT).digest())
        self.transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: %b\r\n\r\n" % accept + frame(OPEN)
        )
        self.upgraded = True

    def _next_frame(self) -> bytes | None:
        """The next masked frame's payload; None while it is not all there."""
        data = self.received
        if len(data) < 6:
            return None
        size, mask = data[1] & 127, 2
        if size == 126:
            size, mask = int.from_bytes(data[2:4], "big"), 4
        end = mask + 4 + size
        if len(data) < end:
            return None
        self.received = data[end:]
        key = int.from_bytes((data[mask : mask + 4] * (size // 4 + 1))[:size], "big")
        return (int.from_bytes(data[mask + 4 : end], "big") ^ key).to_bytes(size, "big")

    def _answer(self, payload: bytes) -> None:
        if message := MESSAGE.match(payload):
            number, text, room, message_id = message.groups()
            self._broadcast(room, text, message_id)
            self.transport.write(frame(b'43%b[{"ok":true}]' % number))
        elif join := JOIN.match(payload):
            rooms.setdefault(join[2], set()).add(self.transport)
            self.transport.write(frame(b'43%b[{"ok":true}]' % join[1]))
        elif payload == b"40":
            self.transport.write(frame(b'40{"sid":"limit"}'))

    def _broadcast(self, room: bytes, text: bytes, id: bytes) -> None:
        prebuilt = response(room, text, id)
        for member in rooms[room]:
            member.write(prebuilt)


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Peer, "0.0.0.0", 8000, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve())
