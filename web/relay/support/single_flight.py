"""Single-flight: callers that ask the same question share one read.

When a thousand people come back together, each of them reads the newest page of the same few rooms. One by
one, these reads took longer than a caller waits: the last hundred were answered `unavailable` (measured).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Callers that arrive during a read share the next read, so no answer is older than its question."""

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Task[T]] = {}
        self._next: dict[Hashable, asyncio.Task[T]] = {}

    async def get(self, question: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """Return the answer of `ask`, or of another caller's `ask` for an equal question. Raises what `ask`
        raises, to all callers that share it."""
        if question not in self._next:
            task = self._next[question] = asyncio.create_task(self._run_in_turn(question, ask))
            task.add_done_callback(_seen)
        # A caller that is cancelled must not cancel the read of the others. Not asyncio.shield: it logs what
        # a read raises after that.
        read = self._next[question]
        await asyncio.wait([read])
        return read.result()

    async def _run_in_turn(self, question: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        if question in self._running:
            await asyncio.wait([self._running[question]])
        self._running[question] = self._next.pop(question)
        try:
            return await ask()
        finally:
            del self._running[question]


def _seen(task: asyncio.Task[Any]) -> None:
    """Take what a read raised as seen, even if all who asked were cancelled meanwhile. Else asyncio logs
    it."""
    if not task.cancelled():
        task.exception()
