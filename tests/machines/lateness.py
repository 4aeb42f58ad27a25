"""How late this process does what is due. It counts the acks, and shares the cores with all hosts: what it
was late by is in every time that it measures."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

EVERY = 0.02
"""Seconds between two looks at the clock."""


class Lateness:
    def __init__(self) -> None:
        self._seen: list[tuple[float, float]] = []

    async def run(self) -> None:
        """Look at the clock until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + EVERY
            await asyncio.sleep(EVERY)
            self.note(due, loop.time())

    def note(self, due: float, done: float) -> None:
        """Note that something was done later than it was due, both in seconds of the loop's clock."""
        if done - due > EVERY:
            self._seen.append((due, done))

    def within(self, began: float, over: float) -> float:
        """Return the longest part of this time in which nothing that was due was done, in seconds."""
        parts = (min(done, over) - max(due, began) for due, done in self._seen)
        return max((0.0, *parts))


@asynccontextmanager
async def watched() -> AsyncIterator[Lateness]:
    """Within the block it is noted how late this process is."""
    lateness = Lateness()
    running = asyncio.create_task(lateness.run())
    try:
        yield lateness
    finally:
        running.cancel()
