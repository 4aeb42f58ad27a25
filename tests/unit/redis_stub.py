"""As much of a Redis server as the bus uses: it can be stopped, fall silent, and cut its subscribers."""

import asyncio
import contextlib
from typing import Any

import hiredis

from tests.unit.wire import free_port


class RedisStub:
    """Listens on `url` from `start` until `stop`.

    While `silent`, it accepts and reads, and never answers; while `deaf`, it delivers nothing to subscribers.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.silent = False
        self.deaf = False
        self.hung: set[asyncio.StreamWriter] = set()
        self.connections: set[asyncio.StreamWriter] = set()
        self.subscribers: dict[bytes, set[asyncio.StreamWriter]] = {}

    async def start(self) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def stop(self) -> None:
        self.server.close()
        self.cut(self.connections)
        await self.server.wait_closed()

    def hang(self) -> None:
        """Never again answer on the connections there are, as when a network dropped them unnoticed."""
        self.hung |= self.connections
        for subscribers in self.subscribers.values():
            subscribers -= self.hung

    @property
    def listening(self) -> set[asyncio.StreamWriter]:
        """The connections that are subscribed to anything."""
        return set().union(*self.subscribers.values())

    def cut_subscribers(self) -> set[asyncio.StreamWriter]:
        """Like CLIENT KILL TYPE pubsub; return the connections that were cut."""
        cut = self.listening
        self.cut(cut)
        return cut

    def cut(self, connections: set[asyncio.StreamWriter]) -> None:
        for connection in connections:
            connection.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        parser = hiredis.Reader()
        self.connections.add(writer)
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                parser.feed(data)
                while (command := parser.gets()) is not False:
                    if not self.silent and writer not in self.hung:
                        writer.write(self._answer(writer, command))
        self.connections.discard(writer)
        for subscribers in self.subscribers.values():
            subscribers.discard(writer)
        writer.close()

    def _answer(self, writer: asyncio.StreamWriter, command: Any) -> bytes:
        match command:
            case [b"HELLO", *_]:
                return b"%1\r\n$5\r\nproto\r\n:3\r\n"
            case [b"PING"]:
                return b"+PONG\r\n"
            case [b"SUBSCRIBE", *channels]:
                for channel in channels:
                    self.subscribers.setdefault(channel, set()).add(writer)
                return b"".join(push(b"subscribe", channel) + b":1\r\n" for channel in channels)
            case [b"PUBLISH", channel, data]:
                hearing = set() if self.deaf else self.subscribers.get(channel, set())
                for subscriber in hearing:
                    subscriber.write(push(b"message", channel) + b"$%d\r\n%b\r\n" % (len(data), data))
                return b":%d\r\n" % len(hearing)
            case _:
                return b"+OK\r\n"


def push(kind: bytes, channel: bytes) -> bytes:
    """Return the start of a RESP3 push of three parts."""
    return b">3\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n" % (len(kind), kind, len(channel), channel)
