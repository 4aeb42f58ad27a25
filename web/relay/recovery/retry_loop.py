"""A retry loop: does work step by step until none is left, one run at a time, with a rest between tries."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress


class RetryLoop:
    """Needs a running event loop when there is work."""

    def __init__(self, step: Callable[[], Awaitable[float | None]]) -> None:
        """`step` does one piece of the work. It returns the seconds to rest before the next piece, or None
        when there is nothing to do."""
        self._step = step
        self._asked = False
        self._hurry = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """There may be work. If the loop rests, it goes on resting."""
        self._asked = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def hurry(self) -> None:
        """There may be work, and the reason to rest is gone: if the loop rests, it goes on at once."""
        self._hurry.set()
        self.start()

    def stop(self) -> None:
        """Give up what is under way."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while self._asked:
            self._asked = False
            while (rest := await self._step()) is not None:
                if rest > 0:
                    self._hurry.clear()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._hurry.wait(), rest)
