"""The layout of a cluster: it is asked for when its nodes are known, before anything else is sent, so that
nobody writes beside what stands under other names.

The keys that tell lie on one node or two. While these are away the rooms of others are served all the same,
and the layout is asked for again: data under other names comes into a cluster only by hand.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError

from relay.log.log import LogUnavailable
from relay.redis.commands import Command
from relay.redis.connector import Check


class AskedLayout:
    def __init__(self, check: Check | None, ask: Callable[[Command], Awaitable[Any]]) -> None:
        """`check`: what to ask; None: nothing. `ask`: asks the node that has a command's key. Raises
        LogUnavailable."""
        self._check = check
        self._ask = ask
        self._known = False
        self._task: asyncio.Task[None] | None = None
        self.awaited = check is not None
        """Whether nothing may be sent yet."""
        self.wrong: str | None = None
        """Why nothing may be sent at all, in a sentence."""

    def learned(self) -> None:
        """Learn that the nodes are known. The layout is asked for unless it is known."""
        if self._check is not None and not self._known and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._run(self._check))

    def doubt(self) -> None:
        """Learn that a node was away. It may come back with other data."""
        self._known = False

    def end(self) -> None:
        """Ask no more."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self, check: Check) -> None:
        dialogue = check()
        reply: Any = None
        try:
            while True:
                reply = await self._ask(dialogue.send(reply))
        except StopIteration:
            self._known, self.wrong = True, None
        except RedisConnectionError as error:
            self.wrong = str(error)
        except LogUnavailable:
            pass  # asked again when the nodes are learned of next
        self.awaited = False
