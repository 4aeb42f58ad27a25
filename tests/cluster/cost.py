"""What an append costs in a cluster, by how many replicas have it on disk before it is acknowledged."""

import asyncio
import secrets
import time
from dataclasses import dataclass

from relay.log.post import Post
from relay.redis.cluster.link import ClusterLink
from relay.redis.cluster.nodes import nodes_of
from relay.redis.log import RedisLog
from relay.redis.names import Names

from tests.support.redis_cluster import RedisCluster

SECONDS = 6.0
DATA = b"x" * 200


@dataclass(frozen=True)
class Cost:
    """`p50`, `p99`: milliseconds until an append is acknowledged. `primary`, `replica`: microseconds of CPU
    for each append, of the primary, and of its replicas on average."""

    appends: int
    p50: float
    p99: float
    primary: float
    replica: float


async def cost_of_appends(cluster: RedisCluster, *, replicas: int, writers: int) -> Cost:
    """Let so many clients of one worker append to a shard for a while, each to a room of its own."""
    nodes, names = nodes_of(cluster.url), Names(f"test-{secrets.token_hex(4)}:")
    link = ClusterLink(nodes.connect_to, nodes.seeds, replicas=replicas)
    log = RedisLog(link, names, keep=0, dedup_ttl=60)
    primary = await asyncio.to_thread(cluster.shard, 0)
    copies = await asyncio.to_thread(cluster.replicas_of, primary)
    logs = {names.of(room).log: room for room in (f"room-{number}" for number in range(writers * 10))}
    rooms = [logs[log] for log in await asyncio.to_thread(cluster.at, primary, logs)][:writers]
    for room in rooms:
        await log.append(room, Post("first", DATA))
    before = [await asyncio.to_thread(_cpu, cluster, port) for port in (primary, *copies)]
    taken: list[float] = []
    end = time.monotonic() + SECONDS

    async def write(room: str) -> None:
        while (began := time.monotonic()) < end:
            await log.append(room, Post(secrets.token_hex(8), DATA))
            taken.append(time.monotonic() - began)

    await asyncio.gather(*(write(room) for room in rooms))
    after = [await asyncio.to_thread(_cpu, cluster, port) for port in (primary, *copies)]
    await link.close()
    used = [(b - a) * 1e6 / len(taken) for a, b in zip(before, after, strict=True)]
    taken.sort()
    p50, p99 = (taken[int(len(taken) * share)] * 1e3 for share in (0.5, 0.99))
    return Cost(len(taken), p50, p99, used[0], sum(used[1:]) / len(copies))


def _cpu(cluster: RedisCluster, port: int) -> float:
    """Return the seconds of CPU that a node has used, with its threads."""
    info = dict(line.split(":", 1) for line in cluster.cli(port, "INFO cpu").splitlines() if ":" in line)
    return float(info["used_cpu_user"]) + float(info["used_cpu_sys"])
