"""Reading: how far a client is with what it was sent, and waiting until it is far enough for more.

A large answer is made for a session that has read its last ones, and one at a time: a client that asks and
never reads costs the worker one answer, not one for each question.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from relay.delivery.buffers import Buffers, Piece

PIPELINED = 64 * 1024
"""Bytes that a client may have unread and be made a large answer all the same."""
PATIENCE = 5.0
"""Seconds that a question waits for the client to read. Ping and pong wait behind it, and have 20 s."""


class NotRead(Exception):
    """The client asks for more, and does not read what it has."""


class Unread:
    """What was written to a connection and the kernel has not taken, piece by piece."""

    __slots__ = ("_buffers", "_pieces", "_written")

    def __init__(self, buffers: Buffers) -> None:
        self._buffers = buffers
        self._pieces: deque[tuple[int, Piece]] = deque()  # and how much was written up to its end
        self._written = 0

    def add(self, piece: Piece, unsent: int) -> None:
        """Count a piece that was just written; `unsent` bytes are left of it and what was written before."""
        self._written = self._written + len(piece.data) if self._pieces else unsent
        self._buffers.hold(piece)
        self._pieces.append((self._written, piece))
        self.settle(unsent)

    def settle(self, unsent: int) -> None:
        """Forget what the kernel has taken meanwhile."""
        sent = self._written - unsent
        while self._pieces and self._pieces[0][0] <= sent:
            self._buffers.release(self._pieces.popleft()[1])

    def forget(self) -> None:
        """Forget everything."""
        while self._pieces:
            self._buffers.release(self._pieces.popleft()[1])

    @property
    def held(self) -> float:
        """Bytes of memory that this takes."""
        return sum(piece.share for _, piece in self._pieces)


class Reading:
    """Of one session."""

    __slots__ = ("_answering", "_gave_up", "_waiting")

    def __init__(self) -> None:
        self._answering = False
        self._gave_up = False  # waited in vain; nothing was read since
        self._waiting: list[asyncio.Future[None]] | None = None

    def wake(self) -> None:
        """Something was read, or the session has ended."""
        waiting, self._waiting = self._waiting, None
        for future in waiting or ():
            if not future.done():
                future.set_result(None)

    @asynccontextmanager
    async def large_answer(self, unsent: Callable[[], int]) -> AsyncIterator[None]:
        """Wait for this session's turn to have a large answer made; `unsent` is what it has still to read, in
        bytes. Raises NotRead."""
        try:
            async with asyncio.timeout(0 if self._gave_up else PATIENCE):
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
