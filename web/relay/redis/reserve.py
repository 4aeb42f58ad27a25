"""The reserve: a part of Redis' memory that entries can't fill.

Redis refuses entries above its `maxmemory`. What is small and short-lived may still be written up to the
share `ANYBODY`, and what moderators and workers do up to the share `ORDER`. So no stranger can prevent it.
"""

from __future__ import annotations

from typing import Any

from relay.redis.commands import Command
from relay.redis.link import Link
from relay.redis.script import Script

ANYBODY = "1.05"
ORDER = "1.1"
"""Shares of `maxmemory`."""


class Reserve:
    def __init__(self, link: Link) -> None:
        self._script = Script(link, "reserve.lua", "commands.lua")

    async def run(self, key: str, *commands: Command, share: str = ANYBODY) -> list[Any]:
        """Return the replies to commands, as Link.transaction does. All are about keys with the hash tag of
        `key`. `share`: of `maxmemory`, up to which they are done. Raises LogUnavailable, and LogFull above
        the share."""
        words = (word for command in commands for word in (len(command), *command))
        replies: list[Any]
        (replies,) = await self._script.run((1, key, share, *words))
        return replies
