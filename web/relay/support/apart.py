"""What is asked in groups, each apart: one that can't be asked hides nothing of the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple


class Failed(NamedTuple):
    """`rooms`: those of all groups that could not be asked about. `error`: the first error, if any."""

    rooms: set[str]
    error: BaseException | None


async def apart(groups: Iterable[list[str]], ask: Callable[[list[str]], Awaitable[None]]) -> Failed:
    """Ask about each group of rooms at the same time. Raises nothing: see Failed."""
    groups = list(groups)
    answers = await asyncio.gather(*map(ask, groups), return_exceptions=True)
    rooms: set[str] = set()
    errors = []
    for group, error in zip(groups, answers, strict=True):
        if error is not None:
            rooms.update(group)
            errors.append(error)
    return Failed(rooms, errors[0] if errors else None)
