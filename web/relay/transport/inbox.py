"""The inbox of a WebSocket: what comes over it starts a task that hands it to the session, one event after
the other. So no task has to wait for the next event."""

import asyncio
from collections.abc import Awaitable
from typing import Any, Protocol

EVENT = 300
"""Bytes of memory that a message takes besides its text while it waits."""


class Owner(Protocol):
    """Who took a WebSocket over: a session."""

    def drained(self) -> None:
        """Learn that the send buffer was full, and is nearly empty."""

    def take(self, event: Any) -> Awaitable[None]:
        """Take a `websocket.receive`, or one or more `websocket.disconnect`, as ASGI has them; raises
        nothing."""


class Connection(Protocol):
    """What is used of RelayWebSocket."""

    loop: asyncio.AbstractEventLoop
    tasks: set[asyncio.Task[None]]

    def on_task_complete(self, task: asyncio.Task[None]) -> None: ...
    async def receive(self) -> Any: ...


class Inbox(asyncio.Queue[Any]):
    """Takes the place of the protocol's queue, for a connection that was taken over."""

    def __init__(self, connection: Connection, owner: Owner) -> None:
        """Without Queue.__init__, which makes what waiting tasks need, at 2.7 KiB for each connection."""
        self._connection = connection
        self.owner = owner
        self.size = 0
        """Bytes of memory that what waits takes."""
        self._events: list[Any] = []
        self._busy = False

    def put_nowait(self, item: Any) -> None:
        self._events.append(item)
        self.size += _size_of(item)
        if not self._busy:
            self._busy = True
            task = self._connection.loop.create_task(self._deliver())
            task.add_done_callback(self._connection.on_task_complete)
            self._connection.tasks.add(task)

    async def _deliver(self) -> None:
        while self._events:
            await self.owner.take(await self._connection.receive())
        self._busy = False

    async def get(self) -> Any:
        event = self._events.pop(0)
        self.size -= _size_of(event)
        return event

    def empty(self) -> bool:
        return not self._events


def _size_of(event: Any) -> int:
    return EVENT + len(event.get("text") or event.get("bytes") or "")
