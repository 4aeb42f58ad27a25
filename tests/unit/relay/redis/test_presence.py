"""What replication writes, counted; and answers that are older than what it received."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, cast

import pytest
from hiredis import Reader
from relay.delivery.people import Member
from relay.delivery.presence import Presence
from relay.redis.commands import Command
from relay.redis.link import Link
from relay.redis.names import Names
from relay.redis.presence import RedisPresence
from relay.redis.shards import Shard

from tests.support.waiting import soon

NAMES = Names("relay:")
US, OTHER = "u" * 32, "o" * 32
ROOMS = [f"room-{number}" for number in range(100)]


class Keeper:
    """Redis, as far as replication uses it. While `open` is not set, answers are on the way."""

    def __init__(self) -> None:
        self.hashes: dict[str, dict[str, str]] = {}
        self.changed: dict[str, dict[str, int]] = {}
        self.seen: list[Command] = []
        self.written: list[str] = []
        """The rooms of which a report was written or removed."""
        self.incarnation = b"first"
        self.open = asyncio.Event()
        self.open.set()
        self._now = 10_000

    def shards(self, partitions: Collection[int]) -> list[tuple[Shard, list[int]]]:
        return [(Shard("", 0, cast(Link, self)), list(partitions))] if partitions else []

    async def send(self, *commands: Command) -> list[Any]:
        self._now += 1
        self.seen += commands
        replies = [self._run(str(name), [str(argument) for argument in rest]) for name, *rest in commands]
        await asyncio.sleep(0)
        await self.open.wait()
        return replies

    transaction = send

    async def send_packed(self, packed: bytes, count: int, *, writes: bool) -> list[Any]:
        reader = Reader(encoding="utf-8")
        reader.feed(packed)
        return await self.send(*(tuple(reader.gets()) for _ in range(count)))

    def compared(self, room: str) -> int:
        """How often the versions of a room were asked for."""
        return self.seen.count(("HGETALL", NAMES.of(room).reports))

    @property
    def syncs(self) -> int:
        """How often it was asked what changed."""
        return self.seen.count(("TIME",))

    def report(self, room: str, worker: str, version: int, *names: str) -> None:
        """What another worker writes."""
        names_of_room = NAMES.of(room)
        self.hashes.setdefault(names_of_room.reports, {})[worker] = str(version)
        self.hashes[names_of_room.report(worker)] = dict(zip(names, names, strict=True))
        self.changed.setdefault(names_of_room.partition.changed_reports, {})[room] = self._now

    def lose(self) -> None:
        """Lose all it has, without an end of connections."""
        self.hashes.clear()
        self.changed.clear()
        self.incarnation = b"second"

    def _run(self, name: str, arguments: list[str]) -> Any:
        key, *rest = arguments or [""]
        fields = self.hashes.get(key, {})
        match name:
            case "EVALSHA":
                return self._report(*arguments[2:])
            case "TIME":
                return [b"%d" % (self._now // 1000), b"%d" % (self._now % 1000 * 1000)]
            case "GET":
                return self.incarnation
            case "ZRANGE":
                changed = self.changed.get(key, {}).items()
                return [room.encode() for room, at in changed if at >= int(rest[0])]
            case "HGETALL":
                return [text.encode() for pair in fields.items() for text in pair]
            case "HGET":
                return fields[rest[0]].encode() if rest[0] in fields else None
        return 1

    def _report(self, reports: str, report: str, changed: str, *arguments: str) -> int:
        """As report.lua."""
        _, worker, version, _, room, _, _, anew, left, *rest = arguments
        self.written.append(room)
        self.changed.setdefault(changed, {})[room] = self._now
        if version == "0":
            self.hashes.get(reports, {}).pop(worker, None)
            self.hashes.pop(report, None)
            return 0
        members = self.hashes.setdefault(report, {})
        if anew == "1":
            members.clear()
        for id in rest[: int(left)]:
            members.pop(id, None)
        joined = rest[int(left) :]
        members.update(zip(joined[::2], joined[1::2], strict=True))
        self.hashes.setdefault(reports, {})[worker] = version
        return 0


class Worker:
    """A worker's presence and its replication, whose clients are told nothing."""

    def __init__(self) -> None:
        self.keeper = Keeper()
        self.loading: set[asyncio.Task[None]] = set()
        self.presence = Presence(
            lambda *_: None, lambda room: self.replication.changed(room), window=0.5, grace=0
        )
        self.replication = RedisPresence(
            cast(Link, self.keeper), NAMES, US, self.presence, flush_interval=0.001, sync_interval=0.01
        )

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


@pytest.fixture
def worker() -> Worker:
    return Worker()


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[None]:
    task = asyncio.create_task(worker.replication.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_rooms_that_changed_at_once_are_each_written_once(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And while nothing happens in them, nothing, until a quarter of their lifetime is over: since they were
    written, and not since the machine was started."""
    monkeypatch.setattr("relay.redis.presence.LIFETIME", 240)
    async with running(worker):
        worker.arrives("ana", *ROOMS)
        await soon(lambda: len(worker.keeper.written) >= len(ROOMS), what="all are written")
        await worker.syncs(5)
        assert len(worker.keeper.written) == len(ROOMS)
        worker.arrives("ben", *ROOMS[:2])
        worker.leaves("ana", *ROOMS[2:])
        await soon(lambda: len(worker.keeper.written) >= 2 * len(ROOMS), what="all are written again")
        await worker.syncs(5)
        assert len(worker.keeper.written) == 2 * len(ROOMS)
    assert {room for room in ROOMS if worker.keeper.hashes[NAMES.of(room).reports]} == set(ROOMS[:2])
    for room in ROOMS[:2]:
        assert worker.keeper.hashes[NAMES.of(room).report(US)].keys() == {"ana", "ben"}


async def test_members_are_withdrawn_only_when_that_is_kept(worker: Worker) -> None:
    """A worker that drains waits for that."""
    async with running(worker):
        worker.arrives("ana", "tea")
        await soon(lambda: worker.keeper.hashes.get(NAMES.of("tea").reports), what="ana is reported")
        worker.keeper.open.clear()
        writes = len(worker.keeper.written)
        worker.leaves("ana", "tea")
        await soon(lambda: not worker.presence.rooms, what="ana is gone")
        for _ in range(100):
            assert not worker.replication.withdrawn
            await asyncio.sleep(0)
        worker.keeper.open.set()
        await soon(lambda: worker.replication.withdrawn, what="it is kept")
        assert len(worker.keeper.written) == writes + 1


async def test_what_was_received_is_newer_than_what_is_still_being_read(worker: Worker) -> None:
    worker.arrives("ana", "tea")
    worker.keeper.report("tea", OTHER, 4, "ben")
    reading = asyncio.create_task(worker.replication._read("tea", OTHER))
    worker.keeper.open.clear()
    await soon(lambda: worker.keeper.seen, what="it is asked for")
    worker.presence.change_report("tea", OTHER, 4, {"ben": "ben"}, [])
    worker.other_reports("tea", 4, 5, "ben", "cleo")
    worker.keeper.open.set()
    await reading
    assert worker.names("tea") == ["ana", "ben", "cleo"]


async def test_who_came_while_the_versions_were_asked_for_stays(worker: Worker) -> None:
    """The answer knows nothing of that worker yet, or any more."""
    worker.arrives("ana", "tea")
    worker.presence.change_report("tea", OTHER, 4, {"ben": "ben"}, [])
    comparing = asyncio.create_task(worker.replication._compare(["tea"]))
    worker.keeper.open.clear()
    await soon(partial(worker.keeper.compared, "tea"), what="the versions are asked for")
    worker.other_reports("tea", 4, 5, "cleo")
    worker.keeper.open.set()
    await comparing
    assert worker.names("tea") == ["ana", "ben", "cleo"]


async def test_a_room_is_compared_again_only_when_a_report_of_it_changed(worker: Worker) -> None:
    async with running(worker):
        worker.arrives("ana", *ROOMS)
        await soon(lambda: len(worker.keeper.written) >= len(ROOMS), what="all are written")
        await worker.syncs(3)
        # Its clock stands still but for the questions, so nothing gets older than the overlap by itself.
        worker.keeper._now += 10_000
        await worker.syncs(2)
        asked = [worker.keeper.compared(room) for room in ROOMS]
        await worker.syncs(5)
        assert [worker.keeper.compared(room) for room in ROOMS] == asked
        worker.keeper.report(ROOMS[7], OTHER, 1, "ben")  # its broadcast is lost
        await soon(lambda: "ben" in worker.names(ROOMS[7]), what="ben is found")
        assert [worker.keeper.compared(room) for room in ROOMS if room != ROOMS[7]] == [
            count for room, count in zip(ROOMS, asked, strict=True) if room != ROOMS[7]
        ]


async def test_after_redis_lost_what_it_had_all_is_reported_again(worker: Worker) -> None:
    async with running(worker):
        worker.arrives("ana", *ROOMS)
        await soon(lambda: len(worker.keeper.written) >= len(ROOMS), what="all are written")
        await worker.syncs(2)
        worker.keeper.lose()
        await soon(
            lambda: all(worker.keeper.hashes.get(NAMES.of(room).reports) for room in ROOMS),
            what="all are written again",
        )
