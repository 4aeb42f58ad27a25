"""Large answers: each waits until its client has read enough to be sent more.

A large answer is made only when the session has read its last ones, and one at a time. So a client that asks
again and again and never reads costs the worker one answer, not one for each question.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

PIPELINED = 64 * 1024
"""Bytes that a client may have unread and still get a large answer made."""
READ_TIMEOUT = 5.0
"""Seconds that a question waits for the client to read. A pong waits behind it, so `ping_timeout`
has to be longer."""


class NotRead(Exception):
    """The client asks for more without reading what it was sent."""


class LargeAnswers:
    """The large answers of one session, one at a time."""

    __slots__ = ("_answering", "_gave_up", "_waiting")

    def __init__(self) -> None:
        self._answering = False
        self._gave_up = False  # the last wait was in vain, and nothing was read since
        self._waiting: list[asyncio.Future[None]] | None = None

    def wake(self) -> None:
        """Check again: something was read, nothing can be read any more, or the session has ended."""
        waiting, self._waiting = self._waiting, None
        for future in waiting or ():
            if not future.done():
                future.set_result(None)

    @asynccontextmanager
    async def make(
        self, unsent: Callable[[], int], reads: Callable[[], bool] = lambda: True
    ) -> AsyncIterator[None]:
        """Surround the making of a large answer: waits until no other is made for this session and the client
        has read enough. `unsent()`: bytes that it has not read yet. `reads()`: whether it can read any now.
        Raises NotRead."""
        try:
            async with asyncio.timeout(0 if self._gave_up else READ_TIMEOUT):
                while self._answering or unsent() > PIPELINED:
                    if not reads():
                        raise NotRead
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
