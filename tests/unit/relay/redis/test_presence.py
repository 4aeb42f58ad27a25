"""What replication writes, counted; and answers that are older than what it received."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, cast

import pytest
from hiredis import Reader
from relay.delivery.people import FIRST, LISTED, Member
from relay.delivery.presence import Presence
from relay.log.log import LogFull
from relay.redis.commands import Command
from relay.redis.link import Link
from relay.redis.names import Names
from relay.redis.presence import RedisPresence
from relay.redis.presence_reports import AT_ONCE
from relay.redis.shards import Shard

from tests.support.waiting import soon

NAMES = Names("relay:")
US, OTHER = "u" * 32, "o" * 32
ROOMS = [f"room-{number}" for number in range(100)]


def text(argument: object) -> str:
    return argument.decode() if isinstance(argument, bytes) else str(argument)


class Keeper:
    """Redis, as far as replication uses it. While `open` is not set, answers are on the way."""

    def __init__(self) -> None:
        self.hashes: dict[str, dict[str, str]] = {}
        self.changed: dict[str, dict[str, int]] = {}
        self.seen: list[Command] = []
        self.written: list[str] = []
        """The rooms of which a report was written or removed."""
        self.broadcasts: list[str] = []
        self.digest = ""
        """The script that writes reports."""
        self.most_running = 0
        """Scripts that were sent before others were answered, at most."""
        self._running = 0
        self.full = False
        self.incarnation = b"first"
        self.open = asyncio.Event()
        self.open.set()
        self._now = 10_000

    def shards(self, partitions: Collection[int]) -> list[tuple[Shard, list[int]]]:
        return [(Shard("", 0, cast(Link, self)), list(partitions))] if partitions else []

    async def send(self, *commands: Command) -> list[Any]:
        self._now += 1
        self.seen += commands
        replies = [self._run(str(name), [text(argument) for argument in rest]) for name, *rest in commands]
        scripts = sum(command[0] == "EVALSHA" for command in commands)
        self._running += scripts
        self.most_running = max(self.most_running, self._running)
        await asyncio.sleep(0)
        await self.open.wait()
        self._running -= scripts
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

    def report(self, room: str, worker: str, version: int, *names: str, names_first: bool = True) -> None:
        """What another worker writes. `names_first`: whether it lists its first members, if they are many."""
        names_of_room = NAMES.of(room)
        report = names_of_room.report(worker)
        for id in list(self.hashes.get(report, {})):
            self._leave(report, names_of_room.people, id)
        for name in names:
            self._join(report, names_of_room.people, name, name)
        large = names_first and len(names) > LISTED
        first = json.dumps([[name, name] for name in sorted(names)[:FIRST]]) if large else ""
        self.hashes.setdefault(names_of_room.reports, {})[worker] = f"{version}{first}"
        self.changed.setdefault(names_of_room.partition.changed_reports, {})[room] = self._now

    def count(self, room: str) -> int:
        """How many members it counts in a room."""
        return len(self.hashes.get(NAMES.of(room).people, {}))

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
                digest, _, *call = arguments
                return self._report(*call) if digest == self.digest else self._remove(*call)
            case "TIME":
                return [b"%d" % (self._now // 1000), b"%d" % (self._now % 1000 * 1000)]
            case "GET":
                return self.incarnation
            case "ZRANGE":
                changed = self.changed.get(key, {}).items()
                return [room.encode() for room, at in changed if at >= int(rest[0])]
            case "HGETALL":
                return [text.encode() for pair in fields.items() for text in pair]
            case "HLEN":
                return len(fields)
            case "HGET":
                return fields[rest[0]].encode() if rest[0] in fields else None
        return 1

    def _report(self, reports: str, report: str, people: str, changed: str, *arguments: str) -> int:
        """As report.lua."""
        if self.full:
            raise LogFull
        _, worker, before, version, first, _, room, _, broadcast, most, left, *rest = arguments
        listed = self.hashes.setdefault(reports, {})
        if listed.get(worker, "0").partition("[")[0] != before:
            return -1
        self.written.append(room)
        self.changed.setdefault(changed, {})[room] = self._now
        for id in rest[: int(left)]:
            self._leave(report, people, id)
        joined = rest[int(left) :]
        for id, name in zip(joined[::2], joined[1::2], strict=True):
            self._join(report, people, id, name)
        listed[worker] = version + first
        if version == "0":
            del listed[worker]
        count = len(self.hashes.get(people, {}))
        if broadcast and count <= int(most):
            self.broadcasts.append(broadcast)
        return count

    def _remove(self, reports: str, report: str, people: str, changed: str, *arguments: str) -> int:
        """As remove_report.lua."""
        worker, room, most = arguments
        for id in list(self.hashes.get(report, {}))[: int(most)]:
            self._leave(report, people, id)
        if self.hashes.get(report):
            self.hashes[reports][worker] = "-1"
            return 1
        self.hashes.get(reports, {}).pop(worker, None)
        self.changed.setdefault(changed, {})[room] = self._now
        return 0

    def _join(self, report: str, people: str, id: str, name: str) -> None:
        if id not in self.hashes.setdefault(report, {}):
            counted = self.hashes.setdefault(people, {})
            counted[id] = str(int(counted.get(id, "0")) + 1)
        self.hashes[report][id] = name

    def _leave(self, report: str, people: str, id: str) -> None:
        del self.hashes[report][id]
        counted = self.hashes[people]
        counted[id] = str(int(counted[id]) - 1)
        if counted[id] == "0":
            del counted[id]


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


NAMES_OF_MANY = [f"p{number:04}" for number in range(2 * AT_ONCE + LISTED)]


async def test_of_a_large_room_no_worker_reads_who_is_at_another(worker: Worker) -> None:
    """Nor are its own broadcast. The first names of all are known, and how many there are."""
    worker.keeper.report("tea", OTHER, 1, *NAMES_OF_MANY[1::2])
    async with running(worker):
        for name in NAMES_OF_MANY[::2]:
            worker.arrives(name, "tea")
        here = worker.presence.people
        await soon(lambda: here("tea").count == len(NAMES_OF_MANY), what="all are counted")
        await soon(lambda: worker.names("tea") == NAMES_OF_MANY[:FIRST], what="the first are known")
    assert ("HGETALL", NAMES.of("tea").report(OTHER)) not in worker.keeper.seen
    assert worker.keeper.broadcasts == []
    assert worker.presence.reports("tea") == {}


async def test_a_redis_that_is_full_keeps_the_members_that_it_has(worker: Worker) -> None:
    """And gets the others when it has memory again."""
    async with running(worker):
        worker.arrives("ana", "tea")
        await soon(lambda: worker.keeper.count("tea") == 1, what="ana is written")
        worker.keeper.full = True
        worker.arrives("ben", "tea")
        await worker.syncs(5)
        assert worker.keeper.count("tea") == 1
        worker.keeper.full = False
        await soon(lambda: worker.keeper.count("tea") == 2, what="ben is written")


async def test_many_rooms_are_written_some_at_a_time(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the worker's probe does not wait behind all of them."""
    monkeypatch.setattr("relay.redis.own_reports.ROOMS_AT_ONCE", 10)
    async with running(worker):
        worker.arrives("ana", *ROOMS)
        await soon(lambda: set(worker.keeper.written) == set(ROOMS), what="all are written")
    assert len(worker.keeper.written) == len(ROOMS)
    assert worker.keeper.most_running == 10


async def test_many_members_are_written_in_several_calls(worker: Worker) -> None:
    """So that each is short. All of them are withdrawn too."""
    async with running(worker):
        for name in NAMES_OF_MANY:
            worker.arrives(name, "tea")
        counted = partial(worker.keeper.count, "tea")
        await soon(lambda: counted() == len(NAMES_OF_MANY), what="all are written")
        assert len(worker.keeper.written) >= 3
        for name in NAMES_OF_MANY:
            worker.leaves(name, "tea")
        await soon(lambda: worker.replication.withdrawn, what="all are withdrawn")
        assert counted() == 0
    longest = max(len(command) for command in worker.keeper.seen)
    assert longest < 2 * AT_ONCE + 30


async def test_a_large_room_is_read_no_more_often_than_it_is_told(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it changes at other workers. Once it rests no longer, the newest count is known."""
    monkeypatch.setattr("relay.redis.presence.LONGEST_REST", 0.5)
    worker.keeper.report("tea", OTHER, 1, *NAMES_OF_MANY)
    async with running(worker):
        worker.arrives("zoe", "tea")
        await soon(lambda: worker.presence.people("tea").count == len(NAMES_OF_MANY) + 1, what="she counts")
        await worker.syncs(2)
        before = worker.keeper.compared("tea")
        for version in range(2, 12):
            worker.keeper.report("tea", OTHER, version, *NAMES_OF_MANY[version:])
            await worker.syncs(1)
        assert worker.keeper.compared("tea") <= before + 2
        await soon(
            lambda: worker.presence.people("tea").count == len(NAMES_OF_MANY) - 10, what="the last is known"
        )


async def test_a_room_that_becomes_large_is_told_with_the_first_names(worker: Worker) -> None:
    """The worker that made it large writes its first members a moment later than all."""
    async with running(worker):
        worker.arrives("zoe", "tea")
        await soon(lambda: worker.keeper.count("tea") == 1, what="zoe is written")
        worker.keeper.report("tea", OTHER, 1, *NAMES_OF_MANY, names_first=False)
        await worker.syncs(4)
        assert worker.names("tea") == ["zoe"]
        worker.keeper.report("tea", OTHER, 2, *NAMES_OF_MANY)
        await soon(lambda: worker.presence.people("tea").count == len(NAMES_OF_MANY) + 1, what="all count")
        assert worker.names("tea") == NAMES_OF_MANY[:FIRST]


async def test_a_worker_that_does_not_list_its_first_members_is_not_waited_for_long(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be paused."""
    monkeypatch.setattr("relay.redis.presence.AWAIT_NAMES", 0.05)
    async with running(worker):
        worker.arrives("zoe", "tea")
        await soon(lambda: worker.keeper.count("tea") == 1, what="zoe is written")
        worker.keeper.report("tea", OTHER, 1, *NAMES_OF_MANY, names_first=False)
        await soon(lambda: worker.presence.people("tea").count == len(NAMES_OF_MANY) + 1, what="all count")


async def test_a_room_that_is_small_again_is_read_at_once(worker: Worker) -> None:
    """When a broadcast says so."""
    worker.keeper.report("tea", OTHER, 1, *NAMES_OF_MANY)
    async with running(worker):
        worker.arrives("zoe", "tea")
        await soon(lambda: worker.presence.summary("tea") is not None, what="the room is large")
        worker.other_reports("tea", 1, 2, "ben")
        await soon(lambda: worker.names("tea") == ["ben", "zoe"], what="all are known by name")
        assert worker.presence.reports("tea").keys() == {OTHER}


async def test_a_report_that_redis_lost_is_written_whole(worker: Worker) -> None:
    """Also where a member comes before that was noticed."""
    async with running(worker):
        worker.arrives("ana", "tea")
        await soon(lambda: worker.keeper.count("tea") == 1, what="ana is written")
        worker.keeper.hashes.clear()
        worker.arrives("ben", "tea")
        await soon(lambda: worker.keeper.count("tea") == 2, what="both are written")


async def test_a_broadcast_of_a_large_room_makes_no_report_of_it(worker: Worker) -> None:
    """Not the first of another worker either, which follows what is known of that one: nothing."""
    worker.keeper.report("tea", OTHER, 1, *NAMES_OF_MANY)
    async with running(worker):
        worker.arrives("zoe", "tea")
        await soon(lambda: worker.presence.summary("tea") is not None, what="the room is large")
        worker.replication.receive("tea", "t" * 32, b'[0, 1, {"ben": "ben"}, []]')
        assert worker.presence.reports("tea") == {}
