"""The lag of the event loop: how late it runs what is due."""

import asyncio
from time import monotonic

from relay import Histogram

TICK = 0.1
"""Seconds."""


class LoopLag:
    """Something is due every `TICK` seconds. All that was due while the loop was blocked is counted, each
    with its own lateness. So the histogram shows how long people wait."""

    def __init__(self) -> None:
        self.seconds = Histogram()

    async def run(self) -> None:
        """Measure until cancelled."""
        due = monotonic()
        while True:
            due += TICK
            await asyncio.sleep(due - monotonic())
            self.seconds.observe(monotonic() - due)
