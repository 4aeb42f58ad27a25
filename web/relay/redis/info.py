"""The condition Redis is in, by its own account."""

from time import monotonic
from typing import Any, NamedTuple

from relay.redis.link import Link

FRESH = 2.0
"""Seconds for which an account is given again, whoever asks how often."""
RECENT = 60
"""Seconds that `slowest_sync` looks back."""

SECTIONS = ("server", "clients", "memory", "persistence", "stats")
SYNC = "aof-fsync-always"
"""What Redis' latency monitor calls a sync to disk before an answer (with `appendfsync always`)."""


class Condition(NamedTuple):
    """`memory_limit`: bytes, 0 for none. `written`, `rewritten`: whether the last write to the append-only
    file, and its last rewriting, went well. `slowest_sync`: seconds of the longest sync to disk within
    `RECENT`; 0 if all were shorter than Redis' `latency-monitor-threshold`."""

    uptime: int
    clients: int
    memory: int
    memory_limit: int
    written: bool
    rewritten: bool
    slowest_sync: float
    commands: int
    file_bytes: int


class Patient:
    """Asks Redis how it is. Its user needs INFO and LATENCY HISTORY."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._asked_at = float("-inf")
        self._condition: Condition | None = None

    async def condition(self) -> Condition:
        """Raises LogUnavailable within 2 s when Redis can't be reached."""
        if self._condition is None or monotonic() - self._asked_at > FRESH:
            said, syncs = await self._link.send(("INFO", *SECTIONS), ("LATENCY", "HISTORY", SYNC))
            self._condition, self._asked_at = condition_of(said.decode(), syncs), monotonic()
        return self._condition


def condition_of(said: str, syncs: list[Any]) -> Condition:
    """Return what an answer to INFO and one to LATENCY HISTORY mean."""
    info = dict(line.split(":", 1) for line in said.splitlines() if ":" in line)
    now = int(info["server_time_usec"]) // 1_000_000
    return Condition(
        uptime=int(info["uptime_in_seconds"]),
        clients=int(info["connected_clients"]),
        memory=int(info["used_memory"]),
        memory_limit=int(info["maxmemory"]),
        written=info["aof_last_write_status"] == "ok",
        rewritten=info["aof_last_bgrewrite_status"] == "ok",
        slowest_sync=max((ms for at, ms in syncs if now - at <= RECENT), default=0) / 1000,
        commands=int(info["total_commands_processed"]),
        file_bytes=int(info.get("aof_current_size", 0)),
    )
