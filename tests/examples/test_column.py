"""The example of a column that says who is connected, with two processes on one Redis and one database."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.examples.pairs import Worker, pair
from tests.stack.relay.worker import RedisUnderTest
from tests.support.column import Database, column, told
from tests.support.examples import Client
from tests.support.waiting import soon


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path)


@pytest.fixture
async def workers(redis: RedisUnderTest, database: Database, tmp_path: Path) -> AsyncIterator[list[Worker]]:
    async with pair(redis, tmp_path, "column", DATABASE=str(database.path)) as workers:
        yield workers


async def client(worker: Worker, user: str) -> Client:
    found = Client()
    await found.connect(worker[0], {"user": user})
    return found


async def test_the_column_says_who_is_connected_at_whatever_worker(
    workers: list[Worker], database: Database
) -> None:
    await column(workers[0][0], workers[1][0], database)


async def test_who_was_at_a_worker_that_is_killed_is_in_the_column_no_more(
    workers: list[Worker], database: Database
) -> None:
    """The others are told, once. Who has another client stays, with that one."""
    ben, ana = await client(workers[1], "ben"), await client(workers[0], "ana")
    await client(workers[0], "ben")
    await soon(lambda: told(ben, "ana"), what="Ben to hear of Ana")
    workers[0][1].kill()
    await soon(lambda: database.sid("ana") is None, what="Ana to leave the column")
    await soon(lambda: database.sid("ben") == ben.sio.get_sid(), what="Ben's other client to be in it")
    assert told(ben, "ana") == ["came", "went"]
    assert told(ben, "ben") == ["came"]
    await ben.sio.disconnect()
    await ana.sio.disconnect()


async def test_who_moves_from_worker_to_worker_ends_up_in_the_column(
    workers: list[Worker], database: Database
) -> None:
    """The old client goes while the new one comes."""
    ana = await client(workers[0], "ana")
    for turn in range(1, 21):
        coming, _ = await asyncio.gather(client(workers[turn % 2], "ana"), ana.sio.disconnect())
        ana = coming
    newest = ana.sio.get_sid()
    await soon(lambda: database.sid("ana") == newest, what="the newest client to be in the column")
    await ana.sio.disconnect()
    await soon(lambda: database.sid("ana") is None, what="the column to be empty")


async def test_who_stays_while_a_worker_ends_is_not_told_of_as_gone(
    workers: list[Worker], database: Database
) -> None:
    ben, ana = await client(workers[1], "ben"), await client(workers[0], "ana")
    await soon(lambda: told(ben, "ana"), what="Ben to hear of Ana")
    workers[0][1].terminate()
    await soon(lambda: not ana.sio.connected, what="Ana to be moved")
    ana = await client(workers[1], "ana")
    await workers[0][1].wait()
    assert database.sid("ana") == ana.sio.get_sid()
    assert told(ben, "ana") == ["came"]
    for each in (ana, ben):
        await each.sio.disconnect()
