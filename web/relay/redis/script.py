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
            return await self._link.send(*(("EVALSHA", self._digest, *call) for call in calls))
        except NoScriptError:  # Redis was restarted: EVAL carries the source, and Redis caches it
            return await self._link.send(*(("EVAL", self._source, *call) for call in calls))
