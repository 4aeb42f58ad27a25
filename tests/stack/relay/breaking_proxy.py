"""A TCP proxy in front of several workers that breaks connections when it is told to."""

import asyncio
import itertools
import re
from collections.abc import Sequence
from contextlib import suppress

from relay import route_of

from tests.support.balancer import Listener, reset


class BreakingProxy(Listener):
    """Brings a connection to the worker that the session id in its first request names, or to the next one in
    turn that listens. Listens on a port of its own on loopback."""

    def __init__(self, workers: Sequence[tuple[str, int]]) -> None:
        super().__init__()
        self.broken = 0
        """How many connections were broken."""
        self._routes = {route_of(worker): worker for worker in workers}
        self._turn = itertools.cycle(workers)
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def connections(self) -> int:
        """How many connections there are."""
        return len(self._writers) // 2

    def break_all(self) -> None:
        """Reset all connections there are."""
        self.broken += self.connections
        for writer in [*self._writers]:
            reset(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward = None
        try:
            head = await reader.readuntil(b"\r\n")
            back, onward = await self._open(head)
            self._writers |= {writer, onward}
            onward.write(head)
            await asyncio.gather(_carry(reader, onward), _carry(back, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass  # one of the two sides broke it first
        finally:
            for each in (writer, onward):
                if each is not None:
                    self._writers.discard(each)
                    reset(each)

    async def _open(self, head: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Raises OSError if no worker that may have it listens."""
        sid = re.search(rb"[?&]sid=([^& ]+)", head)
        named = self._routes.get(sid[1].decode()[:32]) if sid else None
        for worker in [named] if named else [next(self._turn) for _ in self._routes]:
            with suppress(OSError):
                return await asyncio.open_connection(*worker)
        raise ConnectionError("no worker listens")


async def _carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Raises ConnectionError when the source ends, so that both ways end together."""
    while chunk := await source.read(65536):
        sink.write(chunk)
        await sink.drain()
    raise ConnectionError("the other side ended")
