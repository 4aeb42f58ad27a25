"""Backpressure: how much a client has not read yet, and waiting until it has read enough to be sent more.

A large answer is made only when the session has read its last ones, and one at a time. So a client that asks
again and again and never reads costs the worker one answer, not one for each question.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from relay.delivery.buffers import Buffers, Piece

PIPELINED = 64 * 1024
"""Bytes that a client may have unread and still get a large answer made."""
READ_TIMEOUT = 5.0
"""Seconds that a question waits for the client to read. Ping and pong wait behind it, and have 20 s."""


class NotRead(Exception):
    """The client asks for more without reading what it was sent."""


class SendBuffer:
    """What was written to a connection and not yet taken by the kernel, piece by piece."""

    __slots__ = ("_buffers", "_pieces", "_written")

    def __init__(self, buffers: Buffers) -> None:
        self._buffers = buffers
        self._pieces: deque[tuple[int, Piece]] = deque()  # with how much was written up to its end
        self._written = 0

    def add(self, piece: Piece, unsent: int) -> None:
        """Count a piece that was just written. `unsent`: bytes left of all that was written."""
        self._written = self._written + len(piece.data) if self._pieces else unsent
        self._buffers.hold(piece)
        self._pieces.append((self._written, piece))
        self.settle(unsent)

    def settle(self, unsent: int) -> None:
        """Forget the pieces that the kernel has taken meanwhile. `unsent`: bytes left."""
        sent = self._written - unsent
        while self._pieces and self._pieces[0][0] <= sent:
            self._buffers.release(self._pieces.popleft()[1])

    def forget(self) -> None:
        """Forget all pieces."""
        while self._pieces:
            self._buffers.release(self._pieces.popleft()[1])

    @property
    def held(self) -> float:
        """Bytes of memory that the pieces take."""
        return sum(piece.share for _, piece in self._pieces)


class Backpressure:
    """Whether one session may be made a large answer."""

    __slots__ = ("_answering", "_gave_up", "_waiting")

    def __init__(self) -> None:
        self._answering = False
        self._gave_up = False  # the last wait was in vain, and nothing was read since
        self._waiting: list[asyncio.Future[None]] | None = None

    def wake(self) -> None:
        """Check again: something was read, or the session has ended."""
        waiting, self._waiting = self._waiting, None
        for future in waiting or ():
            if not future.done():
                future.set_result(None)

    @asynccontextmanager
    async def large_answer(self, unsent: Callable[[], int]) -> AsyncIterator[None]:
        """Surround the making of a large answer: waits until no other is made for this session and the client
        has read enough. `unsent()`: bytes that it has not read yet. Raises NotRead."""
        try:
            async with asyncio.timeout(0 if self._gave_up else READ_TIMEOUT):
                while self._answering or unsent() > PIPELINED:
                    await self._something_read()
        except TimeoutError:
            self._gave_up = True
            raise NotRead from None
        self._gave_up = False
        self._answering = True
        try:
            yield
        finally:
            self._answering = False
            self.wake()

    async def _something_read(self) -> None:
        self._waiting = self._waiting or []
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future
