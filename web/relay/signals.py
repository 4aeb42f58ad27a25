"""Draining at SIGTERM and SIGINT, for an application that is started by uvicorn's own command.

uvicorn's handler makes it close all connections at once. So it is given the signal when the clients have
moved.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Any

logger = logging.getLogger(__name__)

ENDING = signal.SIGINT, signal.SIGTERM
"""The signals at which uvicorn ends."""


class Signals:
    def __init__(self, drain: Callable[[], Awaitable[None]]) -> None:
        """`await drain()` moves the clients."""
        self._drain = drain
        self._handlers: dict[signal.Signals, Any] = {}  # those that were there before
        self._draining: asyncio.Task[None] | None = None

    def catch(self) -> None:
        """Drain at the next signal, and then pass it on. In a thread that is not the main one this does
        nothing: there uvicorn gets no signals either."""
        if threading.current_thread() is threading.main_thread():
            self._loop = asyncio.get_running_loop()
            self._handlers = {number: signal.signal(number, self._caught) for number in ENDING}

    def release(self) -> None:
        """Leave the signals to whoever had them before, and drain no more."""
        self._give_back()
        if self._draining is not None:
            self._draining.cancel()

    def _give_back(self) -> None:
        for number in [*self._handlers]:
            # Else another server has caught it since, and gives it back to this one, which passes it on.
            if signal.getsignal(number) == self._caught:
                signal.signal(number, self._handlers.pop(number))

    def _caught(self, number: int, frame: FrameType | None) -> None:
        self._give_back()  # whoever sends a second one wants an end at once
        self._loop.call_soon_threadsafe(self._begin, number)

    def _begin(self, number: int) -> None:
        self._draining = asyncio.create_task(self._drain_and_pass_on(number))

    async def _drain_and_pass_on(self, number: int) -> None:
        try:
            await self._drain()
        except Exception:
            logger.exception("The clients could not be moved to other workers; ending all the same")
        self._draining = None  # what stops the server from here on has nothing to cancel
        signal.raise_signal(number)
