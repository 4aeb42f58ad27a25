"""What one worker and Redis cost, by the CPU time of this process and of Redis: no client is connected."""

import asyncio
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import create_connection
from typing import NamedTuple, cast

import docker
from docker.errors import NotFound
from redis.asyncio import Redis
from relay import LogUnavailable, Member, Options, Post

from tests.bench.scaling.table import Table
from tests.stack.relay.worker import RedisUnderTest, Worker, until
from tests.support.redis_cluster import RedisCluster
from tests.support.waiting import eventually

ROOMS = (100, 2000, 10_000)
JOINED = (10, 100, 1000, 10_000)
EXCHANGING = 8
"""Workers among which the members of a room are spread whose joins are measured."""
JOINS = 400
APPENDS = 10_000
WRITERS = 50
SHARDS = (1, 3)
SECONDS = 20
"""For how long a rest is measured."""
PORT, CLUSTER = 18090, 18091


class Place(NamedTuple):
    """Where a worker finds Redis, and all its nodes."""

    url: str
    nodes: list[str]
    prefix: str = "bench:"


class Used(NamedTuple):
    """Seconds of CPU of this process and of Redis, bytes of memory of both, and bytes to and from Redis."""

    worker: float
    redis: float
    worker_memory: int
    redis_memory: int
    carried: int

    def since(self, before: "Used") -> "Used":
        return Used._make(new - old for new, old in zip(self, before, strict=True))


async def _idle(count: int) -> list[float]:
    with one_redis() as place:
        worker = await _worker(place)
        began = await _used(place)
        for first in range(0, count, 100):
            await asyncio.gather(*(_arrives(worker, "ana", f"room-{n}") for n in range(first, first + 100)))
        await until(lambda: not worker.relay.manager._replication._own.waiting, "all is written")
        await asyncio.sleep(10)
        full = (await _used(place)).since(began)
        rest = await _rest(place)
        await worker.stop()
    shares = (rest.worker / SECONDS * 100, rest.redis / SECONDS * 100)
    return [*shares, full.worker_memory / 1024 / count, full.redis_memory / count]


async def _join(count: int) -> list[float]:
    with one_redis() as place:
        workers = [await _worker(place) for _ in range(EXCHANGING)]
        for number in range(count):
            await _arrives(workers[number % EXCHANGING], f"{secrets.token_hex(8)}", "tea")
        await until(lambda: all(each.relay.people("tea").count == count for each in workers), "all are known")
        await asyncio.sleep(10)
        rest = await _rest(place)
        before = await _used(place)
        for number in range(JOINS):
            await _arrives(workers[number % EXCHANGING], f"late {number}", "tea")
            await asyncio.sleep(SECONDS / JOINS)
        spent = (await _used(place)).since(before)
        await asyncio.gather(*(each.stop() for each in workers))
    more = [(busy - idle) / JOINS for busy, idle in zip(spent, rest, strict=True)]
    return [more[0] * 1e6, more[1] * 1e6, more[4]]


async def _append(count: int) -> list[float]:
    with one_redis() if count == 1 else cluster(count) as place:
        worker = await _worker(place)
        await _write(worker, APPENDS // 10)
        before = await _used(place)
        await _write(worker, APPENDS)
        spent = (await _used(place)).since(before)
        rest = await _rest(place)
        await worker.stop()
    at_rest = (rest.worker + rest.redis) / SECONDS * 100
    return [spent.worker / APPENDS * 1e6, spent.redis / APPENDS * 1e6, at_rest]


async def _write(worker: Worker, count: int) -> None:
    """Append so many messages; each writer waits for one before the next."""

    async def write(writer: int) -> None:
        for number in range(count // WRITERS):
            post = Post(secrets.token_hex(8), b"x" * 80)
            await worker.relay.log.append(f"room-{(writer * 7 + number) % 300}", post)

    await asyncio.gather(*(write(writer) for writer in range(WRITERS)))


async def _arrives(worker: Worker, name: str, room: str) -> None:
    manager = worker.relay.manager
    if room not in manager.presence:
        manager.begin(room)
    with suppress(LogUnavailable):  # so many rooms at once make Redis late; the next comparison heals it
        await manager.arrive(f"{name} in {room}", room, Member(name, name))
        await manager.set_baseline(room)


async def _worker(place: Place) -> Worker:
    worker = Worker(cast(RedisUnderTest, place), options=Options(prefix=place.prefix))
    await worker.hears()
    return worker


async def _rest(place: Place) -> Used:
    """What is used in `SECONDS` in which nothing happens."""
    before = await _used(place)
    await asyncio.sleep(SECONDS)
    return (await _used(place)).since(before)


async def _used(place: Place) -> Used:
    cpu, memory, carried = 0.0, 0, 0
    for node in place.nodes:
        async with Redis.from_url(node) as client:
            told = await client.info()
        cpu += told["used_cpu_user"] + told["used_cpu_sys"]
        memory += told["used_memory"]
        carried += told["total_net_input_bytes"] + told["total_net_output_bytes"]
    return Used(time.process_time(), cpu, _memory(), memory, carried)


def _memory() -> int:
    """Bytes that this process has in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def one_redis() -> Iterator[Place]:
    name, engine = "tertulia-bench-redis", docker.from_env()
    with suppress(NotFound):
        engine.containers.get(name).remove(force=True, v=True)
    # As redis.conf has it, without the password.
    command = f"/usr/local/bin/redis-server --protected-mode no --port {PORT} --save '' --appendonly yes"
    container = engine.containers.run(
        "redis:8", f"{command} --appendfsync always", name=name, network_mode="host", detach=True
    )
    try:
        eventually(lambda: _listens(PORT), what="Redis listens")
        url = f"redis://127.0.0.1:{PORT}/0"
        yield Place(url, [url])
    finally:
        container.remove(force=True, v=True)
        engine.close()


@contextmanager
def cluster(shards: int) -> Iterator[Place]:
    cluster = RedisCluster("tertulia-bench-cluster", CLUSTER, shards=shards, on_disk=True)
    cluster.start()
    try:
        yield Place(cluster.url, [f"redis://{address}/0" for address in cluster.addresses])
    finally:
        cluster.stop()


def _listens(port: int) -> bool:
    with create_connection(("127.0.0.1", port)):
        return True


TABLES = (
    Table(
        "rooms",
        "Rooms of one member on one worker, in which nothing happens.",
        ("rooms", "worker, % of a core", "Redis, % of a core", "worker, KiB a room", "Redis, bytes a room"),
        ROOMS,
        lambda count: asyncio.run(_idle(count)),
    ),
    Table(
        "joins",
        "One person after the other joins a room, whose members are on eight workers.",
        ("members", "eight workers, µs", "Redis, µs", "bytes to and from Redis"),
        JOINED,
        lambda count: asyncio.run(_join(count)),
    ),
    Table(
        "shards",
        "Appends to 300 rooms, on one Redis and on a cluster of three shards.",
        ("shards", "worker, µs an append", "Redis, µs an append", "both at rest, % of a core"),
        SHARDS,
        lambda count: asyncio.run(_append(count)),
    ),
)
