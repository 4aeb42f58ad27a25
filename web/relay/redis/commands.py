"""Commands: which of them write, and what errors among their replies mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from redis.exceptions import NoScriptError, OutOfMemoryError, RedisError

from relay.log.log import LogFull, LogUnavailable

Command = tuple[str | bytes | int, ...]

READS = frozenset(
    (
        *("MULTI", "EXEC", "TIME", "GET", "HGET", "HMGET", "HGETALL", "EXISTS", "SMEMBERS"),
        *("XRANGE", "XREVRANGE", "ZRANGE", "ZMSCORE", "PUBLISH", "SPUBLISH", "INFO", "LATENCY"),
        *("EVALSHA_RO", "EVAL_RO"),
    )
)
"""Commands that write nothing, so that nothing has to be on any disk after them."""


def writes_anything(commands: Sequence[Command]) -> bool:
    """Return whether one of these commands may write."""
    return any(command[0] not in READS for command in commands)


def key_of(command: Command) -> str:
    """Return the first key of a command, which says its hash slot. All others have the same."""
    place = 3 if str(command[0]).startswith("EVAL") else 1
    return str(command[place])


def raise_first(replies: list[Any]) -> None:
    """Raise what the first error among Redis' replies means; see Link.send."""
    for reply in replies:
        if isinstance(reply, NoScriptError):
            raise reply
        if isinstance(reply, OutOfMemoryError):
            raise LogFull(f"Redis is full: {reply}") from reply
        if isinstance(reply, RedisError):
            raise LogUnavailable(f"Redis refused: {reply}") from reply
