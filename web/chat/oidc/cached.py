"""What is fetched from the provider and kept for a while."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, TypeVar

from chat.oidc.away import ProviderAway

LASTS = 3600.0
"""Seconds for which it is kept."""
REST = 2.0
"""Seconds after a failure within which it is not fetched again. Whoever asks meanwhile is told at once."""

T = TypeVar("T")


class Cached(Generic[T]):
    def __init__(self, fetch: Callable[[], Awaitable[T]]) -> None:
        """`fetch()` may raise ProviderAway."""
        self._fetch = fetch
        self._lock = asyncio.Lock()
        self._value: T | None = None
        self._fetched = self._failed = float("-inf")

    async def get(self, most_age: float | None = None) -> T:
        """Return it, as it was at most so many seconds ago; None: LASTS. Callers that come while it is
        fetched share what is fetched. Raises ProviderAway."""
        lasts = LASTS if most_age is None else most_age
        async with self._lock:
            if self._value is not None and monotonic() - self._fetched < lasts:
                return self._value
            if monotonic() - self._failed < REST:
                raise ProviderAway("it was away a moment ago")
            try:
                self._value = await self._fetch()
            except ProviderAway:
                self._failed = monotonic()
                raise
            self._fetched = monotonic()
            return self._value
