"""One answer for all who ask the same at once, none of them older than its question.

When a thousand people come back together, each reads the newest page of the same few rooms: one by one these
reads took longer than anybody waits for one, and the last hundred were told `unavailable` (measured).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """Whoever asks while the same is being asked already gets the next answer, with all others who do."""

    def __init__(self) -> None:
        self._asking: dict[Hashable, asyncio.Task[T]] = {}
        self._next: dict[Hashable, asyncio.Task[T]] = {}

    async def get(self, question: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """Raises what `ask` does, to all who share the answer."""
        if question not in self._next:
            self._next[question] = asyncio.create_task(self._in_turn(question, ask))
        # One who waits no longer ends nobody else's wait.
        return await asyncio.shield(self._next[question])

    async def _in_turn(self, question: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        if question in self._asking:
            await asyncio.wait([self._asking[question]])
        self._asking[question] = self._next.pop(question)
        try:
            return await ask()
        finally:
            del self._asking[question]
