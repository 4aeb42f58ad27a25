"""A TCP balancer in front of the stack that breaks connections, as the cheap and the busy do."""

import asyncio
import socket
import struct
from contextlib import suppress
from types import TracebackType
from typing import Self


class Listener:
    """A TCP server on a port of its own on loopback; an async context manager, at whose end whoever is still
    connected is cut off."""

    def __init__(self) -> None:
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for serving in self._serving:
            serving.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError


class Balancer(Listener):
    """Passes connections on, from a port of its own on loopback, and resets those that were idle for `idle`
    seconds. Of the answers to polls, each `swallowed`-th is not passed on: its connection is reset
    instead."""

    def __init__(self, host: str, port: int, idle: float = 60.0, swallowed: int = 0) -> None:
        super().__init__()
        self.resets = 0
        self._to = host, port
        self._idle = idle
        self._swallowed = swallowed
        self._answers = 0

    def has_reset(self, connections: int) -> bool:
        """Whether more than so many were reset."""
        return self.resets > connections

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward = None
        try:
            back, onward = await asyncio.open_connection(*self._to)
            async with asyncio.timeout(self._idle) as patience:
                await self._pass(reader, writer, back, onward, patience)
        except TimeoutError:
            self.resets += 1
        except OSError:
            pass  # one of the two sides broke it first
        finally:
            for each in (writer, onward):
                if each is not None:
                    reset(each)

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        back: asyncio.StreamReader,
        onward: asyncio.StreamWriter,
        patience: asyncio.Timeout,
    ) -> None:
        """Returns when either side ends, or an answer is swallowed."""
        polls = False

        async def there() -> None:
            nonlocal polls
            while chunk := await reader.read(65536):
                patience.reschedule(asyncio.get_running_loop().time() + self._idle)
                if chunk.startswith((b"GET ", b"POST ")):
                    polls = chunk.startswith(b"GET ") and b"sid=" in chunk.split(b"\r\n", 1)[0]
                onward.write(chunk)

        async def here() -> None:
            while chunk := await back.read(65536):
                patience.reschedule(asyncio.get_running_loop().time() + self._idle)
                if polls and self._swallowed and chunk.startswith(b"HTTP/"):
                    self._answers += 1
                    if self._answers % self._swallowed == 0:
                        self.resets += 1
                        return
                writer.write(chunk)

        ways = [asyncio.create_task(there()), asyncio.create_task(here())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with RST, at once."""
    connection = writer.get_extra_info("socket")
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
