"""Lua scripts that Redis runs in one atomic step."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import Any

from redis.exceptions import NoScriptError

from relay.redis.commands import Command
from relay.redis.link import Link


class Script:
    def __init__(self, link: Link, *parts: str, allow_oom: bool = False, only_reads: bool = False) -> None:
        """`parts`: files in this folder whose texts in a row are the source. `allow_oom`: whether it may
        write in a Redis that is full. `only_reads`: it writes nothing, so no replica has to confirm it."""
        self._commands = ("EVAL_RO", "EVALSHA_RO") if only_reads else ("EVAL", "EVALSHA")
        self._link = link
        flags = b"#!lua flags=allow-oom\n" if allow_oom else b""
        self._source = flags + b"".join(files(__package__).joinpath(part).read_bytes() for part in parts)
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
        whole_command, command = self._commands
        return (whole_command, self._source, *call) if whole else (command, self._digest, *call)
