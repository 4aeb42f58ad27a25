"""What replication writes, counted; and answers that are older than what it received."""

import asyncio
from functools import partial

import pytest
from relay.redis.presence_reports import AT_ONCE

from tests.support.waiting import soon
from tests.unit.relay.redis.presence_keeper import NAMES
from tests.unit.relay.redis.presence_worker import NAMES_OF_MANY, OTHER, ROOMS, US, Worker, running


@pytest.fixture
def worker() -> Worker:
    return Worker()


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


async def test_a_report_that_redis_lost_is_written_whole(worker: Worker) -> None:
    """Also where a member comes before that was noticed."""
    async with running(worker):
        worker.arrives("ana", "tea")
        await soon(lambda: worker.keeper.count("tea") == 1, what="ana is written")
        worker.keeper.hashes.clear()
        worker.arrives("ben", "tea")
        await soon(lambda: worker.keeper.count("tea") == 2, what="both are written")
