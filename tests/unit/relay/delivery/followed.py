"""A followed room, for the follower's tests."""

import random
from collections.abc import Iterable

from relay.delivery.follower import Follower
from relay.log.log import Entry
from relay.log.post import Post
from relay.memory.log import MemoryLog


class Everything:
    """What changed: whatever is watched."""

    def __init__(self) -> None:
        self.watched: set[str] = set()
        self.watch, self.unwatch = self.watched.add, self.watched.discard

    def by_shard(self, rooms: Iterable[str]) -> list[list[str]]:
        return [[*rooms]]

    async def ask(self) -> set[str]:
        return set(self.watched)


async def receive_nothing() -> None:
    """What a worker does that has read all there is."""


class Room:
    """One followed room, whose broadcasts go where the test sends them."""

    def __init__(self, *, keep: int = 0) -> None:
        self.broadcasts: list[Entry] = []
        self.delivered: list[Entry] = []
        self.keep = keep
        self.log = MemoryLog(self.broadcasts.append, keep=keep, dedup_ttl=60)
        self.follower = Follower(self.log, Everything(), self.delivered.append, receive_nothing, interval=1)
        self.follower.follow("tea")

    def wipe(self) -> None:
        self.log._rooms.clear()

    async def append(self, count: int) -> list[Entry]:
        """Append, and return the broadcasts instead of delivering them."""
        before = len(self.broadcasts)
        for _ in range(count):
            await self.log.append("tea", Post(str(random.random()), b"x"))
        return self.broadcasts[before:]

    async def compare(self) -> None:
        """What `run` does once in an interval, until nothing is dirty."""
        await self.follower.compare()
        await self._check_dirty()

    async def check(self) -> None:
        """What `run` does with a dirty room, until nothing is dirty."""
        await self.follower.check(["tea"])
        await self._check_dirty()

    async def _check_dirty(self) -> None:
        while self.follower._dirty:
            await self.follower.check([self.follower._dirty.pop()])
