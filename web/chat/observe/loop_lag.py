"""The loop's lag: for how long the event loop kept waiting whoever had something to do."""

import asyncio
from time import monotonic

from relay import Histogram

TICK = 0.1


class LoopLag:
    """Something is due every `TICK` seconds. What fell due while the loop was held up is counted too, each
    with its own lateness: so this is what people wait, and not one long wait among a thousand short ones."""

    def __init__(self) -> None:
        self.seconds = Histogram()

    async def run(self) -> None:
        """Measure until cancelled."""
        due = monotonic()
        while True:
            due += TICK
            await asyncio.sleep(due - monotonic())
            self.seconds.observe(monotonic() - due)
