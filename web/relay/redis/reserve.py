"""The reserve: the part of Redis' memory that entries can't fill, so that what keeps order goes on.

Redis refuses entries from its `maxmemory` on. Above that line is written what is small and short-lived, up to
`ANYBODY`, and what moderators and workers do, up to `ORDER`: nothing that strangers cause keeps them from it.
"""

from __future__ import annotations

from typing import Any

from relay.redis.link import Command, Link
from relay.redis.script import Script

ANYBODY = "1.05"
ORDER = "1.1"
"""Shares of `maxmemory`."""


class Reserve:
    def __init__(self, link: Link) -> None:
        self._script = Script(link, "reserve.lua", "commands.lua")

    async def run(self, *commands: Command, share: str = ANYBODY) -> list[Any]:
        """The replies to commands, as of Link.transaction, each of at most some thousand words. Raises
        LogUnavailable, and LogFull."""
        words = (word for command in commands for word in (len(command), *command))
        replies: list[Any]
        (replies,) = await self._script.run((0, share, *words))
        return replies
