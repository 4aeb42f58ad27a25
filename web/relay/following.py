"""Following a room from a worker's own code: each entry once, in the order of its log.

What is broadcast only wakes whoever follows; the entries are read from the log. So a burst is one read, who
is slow holds up nobody, and what a broken connection lost is read like all else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable

from relay.log.log import LogUnavailable, Page

logger = logging.getLogger(__name__)

AGAIN = 1.0
"""Seconds after which a log that could not be read is read again."""

Read = Callable[[int | None, str | None], Awaitable[tuple[Page, bool]]]
"""`await read(after, epoch)`: what `Relay.resume` returns of the room. Raises LogUnavailable."""


async def pages(
    read: Read, came: asyncio.Event, after: int | None, epoch: str | None
) -> AsyncGenerator[tuple[Page, bool]]:
    """Yield what `read` returns, at first and whenever there is something new. `came` is set with each new
    entry."""
    first = True
    while True:
        came.clear()
        try:
            page, reset = await read(after, epoch)
        except LogUnavailable as error:
            logger.debug("a room that is followed could not be read: %s", error)
            await asyncio.sleep(AGAIN)
            continue
        if first or page.entries or reset:
            yield page, reset
        first = False
        behind = page.more and after is not None and not reset
        after = page.entries[-1].seq if behind else page.head.seq
        epoch = page.head.epoch
        if not behind:
            await came.wait()
