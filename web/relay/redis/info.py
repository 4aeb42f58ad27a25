"""Redis info: what Redis says of its own state, by INFO and LATENCY HISTORY."""

import asyncio
from math import inf
from time import monotonic
from typing import Any, NamedTuple

from relay.log.log import LogUnavailable
from relay.redis.link import Link
from relay.redis.partitions import PARTITIONS

FRESH = 2.0
"""Seconds for which an answer is cached, so that asking often costs Redis nothing."""
RECENT = 60
"""Seconds that `slowest_sync` covers."""

SECTIONS = ("server", "clients", "memory", "persistence", "stats")
SYNC = "aof-fsync-always"
"""What Redis' latency monitor calls a sync to disk before an answer (with `appendfsync always`)."""


class RedisInfo(NamedTuple):
    """`uptime`: seconds. `clients`: open connections. `memory`, `memory_limit`: bytes, the latter 0 for no
    limit. `written`, `rewritten`: whether the last write to the append-only file succeeded, and its last
    rewrite. `slowest_sync`: seconds of the longest sync to disk within the last `RECENT` seconds; 0 if all
    were shorter than Redis' `latency-monitor-threshold`. `commands`: since Redis started. `file_bytes`: size
    of the append-only file."""

    uptime: int
    clients: int
    memory: int
    memory_limit: int
    written: bool
    rewritten: bool
    slowest_sync: float
    commands: int
    file_bytes: int


class InfoReader:
    """Asks Redis, or all primaries of a cluster. The Redis user needs the rights for INFO and LATENCY
    HISTORY."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._asked_at = float("-inf")
        self._info: RedisInfo | None = None

    async def read(self) -> RedisInfo:
        """Return an answer that is at most `FRESH` seconds old. Raises LogUnavailable within 2 s when Redis
        can't be reached."""
        if self._info is None or monotonic() - self._asked_at > FRESH:
            shards = self._link.shards(range(PARTITIONS))
            if not shards:
                raise LogUnavailable("No node of the cluster is known.")
            asking = (
                shard.link.send(("INFO", *SECTIONS), ("LATENCY", "HISTORY", SYNC)) for shard, _ in shards
            )
            answers = await asyncio.gather(*asking, return_exceptions=True)
            failed = [answer for answer in answers if isinstance(answer, BaseException)]
            if len(failed) == len(answers):
                raise failed[0]
            said = [answer for answer in answers if not isinstance(answer, BaseException)]
            infos = [info_of(info.decode(), syncs) for info, syncs in said]
            self._info, self._asked_at = together(infos), monotonic()
        return self._info


def together(infos: list[RedisInfo]) -> RedisInfo:
    """Return what holds of the primaries that answered: sums, the worst, and the memory of the fullest."""
    fullest = max(infos, key=lambda info: info.memory / (info.memory_limit or inf))
    return RedisInfo(
        uptime=min(info.uptime for info in infos),
        clients=sum(info.clients for info in infos),
        memory=fullest.memory,
        memory_limit=fullest.memory_limit,
        written=all(info.written for info in infos),
        rewritten=all(info.rewritten for info in infos),
        slowest_sync=max(info.slowest_sync for info in infos),
        commands=sum(info.commands for info in infos),
        file_bytes=sum(info.file_bytes for info in infos),
    )


def info_of(said: str, syncs: list[Any]) -> RedisInfo:
    """Return the RedisInfo in an answer to INFO and one to LATENCY HISTORY."""
    info = dict(line.split(":", 1) for line in said.splitlines() if ":" in line)
    now = int(info["server_time_usec"]) // 1_000_000
    return RedisInfo(
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
