"""Retries within a request, while Redis can't be reached.

Most such times are short: Redis waits for its disk, a batch fails, and the circuit breaker opens for half a
second. A person who posts a form then is better served by an answer that comes late than by a refusal.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar

from relay import LogFull, LogUnavailable

TRIED_FOR = 2.5
"""Seconds after which no further try begins. A try takes up to 1.5 s, so an answer comes within 4 s."""
PAUSE = 0.25
"""Seconds between two tries: half of what the circuit breaker stays open."""

Result = TypeVar("Result")


async def retried(work: Callable[[], Awaitable[Result]]) -> Result:
    """Return what `work` returns, which is called again while it raises LogUnavailable. What it does has to
    be right when it is done twice. Raises what `work` raised last; LogFull at once, since waiting does not
    end it."""
    end = monotonic() + TRIED_FOR
    while True:
        try:
            return await work()
        except LogFull:
            raise
        except LogUnavailable:
            if monotonic() + PAUSE > end:
                raise
        await asyncio.sleep(PAUSE)
