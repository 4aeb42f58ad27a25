"""Which workers live: those whose probe any shard has."""

from collections.abc import Collection
from typing import Any, cast

from relay.log.log import LogUnavailable
from relay.redis.commands import Command
from relay.redis.link import Link
from relay.redis.names import Names
from relay.redis.presence_reports import Reports
from relay.redis.shards import Shard

NAMES = Names("test:")
ONE, TWO = "1" * 32, "2" * 32


class OfShard:
    """The link to a shard, which has probes of these workers."""

    def __init__(self, first: int, *workers: str) -> None:
        self.shard = Shard(f"shard {first}", first, cast(Link, self))
        self.probes = {NAMES.partition(first).probe(worker) for worker in workers}
        self.away = False

    async def send(self, *commands: Command) -> list[Any]:
        if self.away:
            raise LogUnavailable("away")
        return [int(key in self.probes) for _, key in commands]


class Cluster:
    def __init__(self, *links: OfShard) -> None:
        self.links = links

    def shards(self, partitions: Collection[int]) -> list[tuple[Shard, list[int]]]:
        return [(link.shard, list(partitions)) for link in self.links]

    async def silent(self) -> set[str]:
        return await Reports(cast(Link, self), NAMES, "u" * 32).silent([ONE, TWO])


async def test_a_worker_that_one_shard_does_not_hear_lives() -> None:
    assert await Cluster(OfShard(0, ONE), OfShard(100, ONE, TWO)).silent() == set()


async def test_a_worker_that_no_shard_hears_is_silent() -> None:
    assert await Cluster(OfShard(0, ONE), OfShard(100, ONE)).silent() == {TWO}


async def test_a_dead_worker_is_noticed_while_the_first_shard_is_away() -> None:
    first, second = OfShard(0, ONE, TWO), OfShard(100, ONE)
    first.away = True
    assert await Cluster(first, second).silent() == {TWO}


async def test_nobody_is_silent_while_no_shard_answers() -> None:
    first, second = OfShard(0), OfShard(100)
    first.away = second.away = True
    assert await Cluster(first, second).silent() == set()
    assert await Cluster().silent() == set()
