"""Lua scripts that Redis runs in one atomic step."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import Any

from redis.exceptions import NoScriptError

from relay.redis.link import Command, Link


class Script:
    def __init__(self, link: Link, *parts: str) -> None:
        """`parts`: files in this folder whose texts in a row are the source."""
        self._link = link
        self._source = b"".join(files(__package__).joinpath(part).read_bytes() for part in parts)
        self._digest = hashlib.sha1(self._source, usedforsecurity=False).hexdigest()

    async def run(self, *calls: Command) -> list[Any]:
        """Return the replies to `calls`. A call is the number of keys, the keys, and the arguments. It may
        reach Redis twice; see Link. Raises LogUnavailable."""
        try:
            return await self._link.send(*(self.command(call) for call in calls))
        except NoScriptError:
            return await self._link.send(*(self.command(call, whole=True) for call in calls))

    def command(self, call: Command, *, whole: bool = False) -> Command:
        """Return the command of a call. `whole`: with the source, which Redis then caches. It has none after
        it was restarted, and replies with a NoScriptError."""
        return ("EVAL", self._source, *call) if whole else ("EVALSHA", self._digest, *call)
