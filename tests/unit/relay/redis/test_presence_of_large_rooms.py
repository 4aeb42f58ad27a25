"""What replication reads and tells of a room in which more people are than are listed."""

import pytest
from relay.delivery.people import FIRST

from tests.support.waiting import soon
from tests.unit.relay.redis.presence_keeper import NAMES
from tests.unit.relay.redis.presence_worker import NAMES_OF_MANY, OTHER, Worker, running


@pytest.fixture
def worker() -> Worker:
    return Worker()


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


async def test_a_broadcast_of_a_large_room_makes_no_report_of_it(worker: Worker) -> None:
    """Not the first of another worker either, which follows what is known of that one: nothing."""
    worker.keeper.report("tea", OTHER, 1, *NAMES_OF_MANY)
    async with running(worker):
        worker.arrives("zoe", "tea")
        await soon(lambda: worker.presence.summary("tea") is not None, what="the room is large")
        worker.replication.receive("tea", "t" * 32, b'[0, 1, {"ben": "ben"}, []]')
        assert worker.presence.reports("tea") == {}
