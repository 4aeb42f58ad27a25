"""A slow line in front of the stack, which breaks in the middle of what people send."""

import asyncio
from collections.abc import Iterable

from tests.support.balancer import Listener, reset

STEP = 65536
LATE = 0.1
"""Seconds that are made up for, where the loop was busy."""


class Line(Listener):
    """Passes connections on, from a port of its own on loopback: `rate` bytes a second, both ways and all
    connections together. Resets all connections when so many bytes went up, once for each number of
    `breaks`."""

    def __init__(self, host: str, port: int, rate: float, breaks: Iterable[int] = ()) -> None:
        super().__init__()
        self.sent = 0
        """Bytes that went up."""
        self._to = host, port
        self._rate = rate
        self._breaks = sorted(breaks)
        self._free_at = 0.0
        self._writers: set[asyncio.StreamWriter] = set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward = None
        try:
            back, onward = await asyncio.open_connection(*self._to)
            self._writers |= {writer, onward}
            await asyncio.gather(self._up(reader, onward), self._down(back, writer))
        except OSError:
            pass  # one of the two sides broke it first
        finally:
            for each in (writer, onward):
                if each is not None:
                    self._writers.discard(each)
                    reset(each)

    async def _up(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while chunk := await source.read(STEP):
            await self._carry(chunk, sink)
            self.sent += len(chunk)
            if self._breaks and self.sent >= self._breaks[0]:
                del self._breaks[0]
                for each in self._writers:
                    reset(each)
        sink.write_eof()

    async def _down(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while chunk := await source.read(STEP):
            await self._carry(chunk, sink)
        sink.write_eof()  # what is still on its way up may be read

    async def _carry(self, chunk: bytes, sink: asyncio.StreamWriter) -> None:
        now = asyncio.get_running_loop().time()
        self._free_at = max(now - LATE, self._free_at) + len(chunk) / self._rate
        await asyncio.sleep(self._free_at - now)
        sink.write(chunk)
        await sink.drain()
