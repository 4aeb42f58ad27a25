"""A worker that keeps who is here, with a Redis whose calls are counted."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from relay.delivery.people import LISTED, Member
from relay.delivery.presence import Presence
from relay.redis.link import Link
from relay.redis.presence import RedisPresence
from relay.redis.presence_reports import AT_ONCE

from tests.support.waiting import soon
from tests.unit.relay.redis.presence_keeper import NAMES, Keeper

US, OTHER = "u" * 32, "o" * 32
ROOMS = [f"room-{number}" for number in range(100)]
NAMES_OF_MANY = [f"p{number:04}" for number in range(2 * AT_ONCE + LISTED)]


class Worker:
    """A worker's presence and its replication, whose clients are told nothing."""

    def __init__(self) -> None:
        self.keeper = Keeper()
        self.loading: set[asyncio.Task[None]] = set()
        self.presence = Presence(
            lambda *_: None,
            lambda room, member: self.replication.changed(room, member),
            window=0.5,
            grace=0,
        )
        self.replication = RedisPresence(
            cast(Link, self.keeper), NAMES, US, self.presence, flush_interval=0.001, sync_interval=0.01
        )
        self.keeper.digest = self.replication._reports._report.command(())[1]  # type: ignore[assignment]

    def arrives(self, who: str, *rooms: str) -> None:
        for room in rooms:
            if self.presence.arrive(f"{who} in {room}", room, Member(who, who)):
                self.loading.add(asyncio.create_task(self.replication.load(room)))

    def leaves(self, who: str, *rooms: str) -> None:
        for room in rooms:
            self.presence.depart(f"{who} in {room}", room, at_once=True)

    def other_reports(self, room: str, before: int, version: int, *names: str) -> None:
        """Another worker's report of all its members: kept, and broadcast."""
        self.keeper.report(room, OTHER, version, *names)
        report = json.dumps([before, version, dict(zip(names, names, strict=True)), []])
        self.replication.receive(room, OTHER, report.encode())

    def names(self, room: str) -> list[str]:
        return [member.name for member in self.presence.people(room).first]

    async def syncs(self, times: int) -> None:
        """So many more syncs begin."""
        least = self.keeper.syncs + times
        await soon(lambda: self.keeper.syncs >= least, what="rooms are compared")


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[None]:
    task = asyncio.create_task(worker.replication.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
