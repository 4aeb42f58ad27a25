"""Waiting for conditions with a deadline, so that no test sleeps a fixed time for something to happen."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds after which a test gives up on what has to happen, however slow and busy the machine. It costs
nothing while all is well. A shorter deadline is a promise, and the test that has one says whose."""

_EVERY = 0.05
_EVERY_SOON = 0.01
"""On the event loop a look costs microseconds, and most of what tests wait for there takes milliseconds."""


def eventually(condition: Callable[[], T], *, what: str, within: float = PATIENCE) -> T:
    """Return the condition's first truthy value.

    An exception counts as "not yet". After `within` seconds an AssertionError says what did not happen and
    what was seen last.
    """
    deadline = time.monotonic() + within
    while True:
        value, problem = _try(condition)
        if value:
            return value
        if time.monotonic() > deadline:
            raise _too_late(within, what, value, problem)
        time.sleep(_EVERY)


async def soon(condition: Callable[[], T], *, what: str, within: float = PATIENCE) -> T:
    """The same for a test that runs on the event loop; the condition itself must not block."""
    deadline = time.monotonic() + within
    while True:
        value, problem = _try(condition)
        if value:
            return value
        if time.monotonic() > deadline:
            raise _too_late(within, what, value, problem)
        await asyncio.sleep(_EVERY_SOON)


def _try(condition: Callable[[], T]) -> tuple[T | None, Exception | None]:
    try:
        return condition(), None
    except Exception as problem:
        return None, problem


def _too_late(within: float, what: str, value: object, problem: Exception | None) -> AssertionError:
    error = AssertionError(f"not within {within:g} s: {what}; last seen: {problem or value!r}")
    error.__cause__ = problem
    return error
