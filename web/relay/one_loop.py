"""Links of one event loop, which say so where they would wait for ever."""

from __future__ import annotations

import asyncio
from typing import Any

from relay.redis.cluster.link import ClusterLink
from relay.redis.commands import Command
from relay.redis.link import Link


class OneLoop(Link):
    """A link that says so when it is used where it would wait for ever."""

    _loop: asyncio.AbstractEventLoop | None = None

    async def send(self, *commands: Command) -> list[Any]:
        """Extends Link.send: raises RuntimeError in another event loop than the first."""
        self._check_loop()
        return await super().send(*commands)

    async def transaction(self, *commands: Command) -> list[Any]:
        """Extends Link.transaction: raises RuntimeError in another event loop than the first."""
        self._check_loop()
        return await super().transaction(*commands)

    def _check_loop(self) -> None:
        running = asyncio.get_running_loop()
        self._loop = self._loop or running
        if self._loop is not running:
            raise RuntimeError("An Outside belongs to one event loop. Make one for each, or use SyncOutside.")

    async def close(self) -> None:
        """Extends Link.close: any event loop may use it next."""
        await super().close()
        self._loop = None


class OneLoopLink(OneLoop):
    """To one Redis."""


class OneLoopCluster(OneLoop, ClusterLink):
    """To a cluster."""
