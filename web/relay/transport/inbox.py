"""The inbox of a WebSocket: what comes over it starts a task that hands it to the session, one event after
the other. So no task has to wait for the next event.

An event is taken out of what came only when the one before was handled. Meanwhile it is bytes that wait, and
when more come, the connection is not read.
"""

import asyncio
import sys
from collections.abc import Awaitable
from typing import Any, Protocol

EVENT = 300
"""Bytes of memory that a message takes besides its text while it waits."""
YIELD_EVERY = 50
"""Events that are handled in a row before other tasks get a turn. One read may bring 20,000."""

# A task that begins at once ends at once where its handler waits for nothing, and the loop never has it.
AT_ONCE: dict[str, Any] = {} if sys.version_info < (3, 12) else {"eager_start": True}


class Owner(Protocol):
    """Who took a WebSocket over: a session."""

    def drained(self) -> None:
        """Learn that the send buffer was full, and is nearly empty."""

    def take(self, event: Any) -> Awaitable[None]:
        """Take a message: its text, or a `websocket.receive` as ASGI has it. Or take one or more
        `websocket.disconnect`. Raises nothing."""


class Connection(Protocol):
    """What is used of RelayWebSocket."""

    loop: asyncio.AbstractEventLoop
    tasks: set[asyncio.Task[None]]

    def on_task_complete(self, task: asyncio.Task[None]) -> None: ...
    @property
    def has_frame(self) -> bool: ...
    def next_text(self) -> str | None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...


class Inbox(asyncio.Queue[Any]):
    """Takes the place of the protocol's queue, for a connection that was taken over."""

    def __init__(self, connection: Connection, owner: Owner) -> None:
        """Without Queue.__init__, which makes what waiting tasks need, at 2.7 KiB for each connection."""
        self._connection = connection
        self.owner = owner
        self.size = 0
        """Bytes of memory that the events take which wait."""
        self.busy = False
        """Whether an event is handled."""
        self._events: list[Any] = []

    def put_nowait(self, item: Any) -> None:
        """Add an event that is no text. It is handled soon, and not at once: the protocol calls this amid
        what it does."""
        self._events.append(item)
        self.size += _size_of(item)
        if not self.busy:
            self.busy = True
            self._keep(self._connection.loop.create_task(self._deliver()))

    def wake(self) -> None:
        """Handle what came over the connection now, or after what is handled."""
        if self.busy:
            self._connection.pause()
            return
        self.busy = True
        task = asyncio.Task(self._deliver(), loop=self._connection.loop, **AT_ONCE)
        if not task.done():
            self._keep(task)

    def empty(self) -> bool:
        return not self._events

    async def _deliver(self) -> None:
        handled = 0
        while (event := self._next()) is not None or self._connection.has_frame:
            if event is not None:
                await self.owner.take(event)
                handled += 1
            if event is None or handled % YIELD_EVERY == 0:
                await asyncio.sleep(0)
        self.busy = False
        self._connection.resume()

    def _next(self) -> Any:
        if not self._events:
            text = self._connection.next_text()
            if text is not None or not self._events:
                return text
        event = self._events.pop(0)
        self.size -= _size_of(event)
        return event

    def _keep(self, task: asyncio.Task[None]) -> None:
        task.add_done_callback(self._connection.on_task_complete)
        self._connection.tasks.add(task)


def _size_of(event: Any) -> int:
    return EVENT + len(event.get("text") or event.get("bytes") or "")
