"""A failover while several clients write, of a primary whose last writes did not reach all replicas: what was
acknowledged and is lost, and which numbers mean two messages."""

import asyncio
import secrets
from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from relay import Options
from relay.log.log import Appended, LogUnavailable
from relay.log.post import Post
from relay.redis.names import Names

from tests.stack.relay.worker import RedisUnderTest, Worker, until
from tests.support.redis_cluster import RedisCluster
from tests.support.waiting import PATIENCE

ROOMS = 6
ENOUGH = 20
"""Messages that each client writes before the fault, during it, and after it."""


class ClusterUnderTest(NamedTuple):
    """What a Worker needs to know of it."""

    url: str
    prefix: str


def worker_on(cluster: RedisCluster, prefix: str, replicas: int = 1) -> Worker:
    """Return a worker that acknowledges what so many replicas have."""
    under_test = cast(RedisUnderTest, ClusterUnderTest(cluster.url, prefix))
    return Worker(under_test, options=Options(prefix=prefix, replicas=replicas))


@dataclass
class Writer:
    """A client that writes to one room, one message after the other, each until it is acknowledged."""

    worker: Worker
    room: str
    acked: list[tuple[str, Appended]] = field(default_factory=list)
    refused: int = 0

    async def write(self) -> None:
        while True:
            id = secrets.token_hex(8)
            while (appended := await self._say(id)) is None:
                await asyncio.sleep(0.05)
            self.acked.append((id, appended))

    async def _say(self, id: str) -> Appended | None:
        try:
            return await self.worker.relay.log.append(self.room, Post(id, id.encode()))
        except LogUnavailable:
            self.refused += 1
            return None


@dataclass(frozen=True)
class Outcome:
    """`acked`: messages that were acknowledged. `in_danger`: those that were while replicas were cut off.
    `lost`: those that are not in the log. `doubled`: numbers that were acknowledged for two messages.
    `behind`: whether a replica took over that was cut off."""

    acked: int
    in_danger: int
    lost: int
    doubled: int
    behind: bool


async def fail_over(
    cluster: RedisCluster, *, replicas: int, cut: int, pause: bool = False, shard: int = 0
) -> Outcome:
    """Cut so many replicas of a shard off from its primary, kill it, and count. `replicas`: how many have to
    have a message before it is acknowledged. `pause`: whether the others are paused from before the primary
    is killed until another node took over."""
    names = Names(f"test-{secrets.token_hex(4)}:")
    workers = [worker_on(cluster, names.prefix, replicas) for _ in range(2)]
    primary = await asyncio.to_thread(cluster.shard, shard)
    others = await asyncio.to_thread(cluster.replicas_of, primary)
    cut_off, whole = others[:cut], others[cut:]
    logs = {names.of(room).log: room for room in (f"room-{number}" for number in range(100))}
    rooms = [logs[log] for log in await asyncio.to_thread(cluster.at, primary, logs)][:ROOMS]
    writers = [Writer(worker, room) for room in rooms for worker in workers]
    writing = [asyncio.create_task(writer.write()) for writer in writers]
    try:
        await go_on(writers)
        await asyncio.to_thread(cluster.cut, primary, cut_off)
        before = count_acked(writers)
        await go_on(writers, or_are_refused=True)
        if pause:
            await signal(cluster, whole, "STOP")
        await signal(cluster, [primary], "KILL")
        in_danger = count_acked(writers) - before
        winners = await took_over(cluster, others)
        if pause:
            await signal(cluster, whole, "CONT")
        await asyncio.to_thread(cluster.heal)
        await asyncio.to_thread(cluster.whole)
        await go_on(writers)
    finally:
        for task in writing:
            task.cancel()
        await asyncio.gather(*writing, return_exceptions=True)
        await asyncio.to_thread(cluster.heal)
        await asyncio.to_thread(cluster.whole)
    lost = await count_lost(writers)
    await asyncio.gather(*(worker.stop() for worker in workers))
    behind = not winners.isdisjoint(cut_off)
    return Outcome(count_acked(writers), in_danger, lost, count_doubled(writers), behind)


async def signal(cluster: RedisCluster, nodes: list[int], name: str) -> None:
    for node in nodes:
        await asyncio.to_thread(cluster.signal, node, name)


async def took_over(cluster: RedisCluster, replicas: list[int]) -> set[int]:
    """Return which of these replicas took over, once one did."""
    async with asyncio.timeout(PATIENCE):
        while not (found := (await asyncio.to_thread(cluster.primaries)) & set(replicas)):
            await asyncio.sleep(0.05)
    return found


async def go_on(writers: list[Writer], *, or_are_refused: bool = False) -> None:
    """Return once each client has written more. `or_are_refused`: or once it was told that it can't."""
    before = [(len(writer.acked), writer.refused) for writer in writers]

    def all_do() -> bool:
        return all(
            len(writer.acked) >= acked + ENOUGH or (or_are_refused and writer.refused > refused)
            for writer, (acked, refused) in zip(writers, before, strict=True)
        )

    await until(all_do, "each client has written more")


def count_acked(writers: list[Writer]) -> int:
    """Return how many messages were acknowledged."""
    return sum(len(writer.acked) for writer in writers)


async def count_lost(writers: list[Writer]) -> int:
    """Return how many messages were acknowledged that are not in the log with the text that they had."""
    kept: dict[str, set[str]] = {}
    for writer in writers:
        if writer.room not in kept:
            kept[writer.room] = await _texts(writer.worker, writer.room)
    return sum(id not in kept[writer.room] for writer in writers for id, _ in writer.acked)


async def _texts(worker: Worker, room: str) -> set[str]:
    texts: set[str] = set()
    after, more = 0, True
    while more:
        page = await worker.relay.log.read(room, after=after, limit=1000)
        texts.update(entry.data.decode() for entry in page.entries)
        after, more = page.entries[-1].seq, page.more
    return texts


def count_doubled(writers: list[Writer]) -> int:
    """Return how many numbers of a room were acknowledged for two messages."""
    messages: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    for writer in writers:
        for id, appended in writer.acked:
            messages[writer.room, appended.epoch, appended.seq].add(id)
    return sum(len(ids) > 1 for ids in messages.values())
