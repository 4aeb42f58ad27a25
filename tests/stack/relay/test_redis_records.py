"""Records and values on Redis keep the contract, also where Redis is full, and say so when it is away."""

from collections.abc import AsyncIterator

import pytest
from relay.log.log import LogUnavailable
from relay.log.records import Ask, Drop, Put, Records
from relay.redis.link import Link
from relay.redis.names import Names
from relay.redis.records import RedisRecords
from relay.values import Values

from tests.stack.relay.worker import RedisUnderTest
from tests.unit.relay.log.records_contract import RecordsContract
from tests.unit.relay.values_contract import ValuesContract, count


@pytest.fixture
async def records(redis: RedisUnderTest) -> AsyncIterator[Records]:
    link = redis.link()
    yield RedisRecords(link, Names(redis.prefix))
    await link.close()


class TestRedisRecords(RecordsContract):
    """The contract's tests."""


class TestRedisValues(ValuesContract):
    """The contract's tests."""


async def test_records_that_are_away_say_so(redis: RedisUnderTest, records: Records) -> None:
    await redis.docker("pause")
    values = Values(records)
    for asked in (
        records.read(Ask("ana", "rooms of ana")),
        records.change("ana", Drop("rooms of ana", "a")),
        values.read("a"),
        values.change("a", count),
    ):
        with pytest.raises(LogUnavailable):
            await asked


async def test_nothing_is_left_of_a_record_whose_fields_have_ended(
    redis: RedisUnderTest, records: Records, link: Link
) -> None:
    """Nor of one whose fields were dropped."""
    key = Names(redis.prefix).of("ana").partition.kept("rooms of ana")
    await records.change("ana", Put("rooms of ana", "a", b"", 60, 9))
    assert await link.send(("EXISTS", key)) == [1]
    await records.change("ana", Drop("rooms of ana", "a"))
    assert await link.send(("EXISTS", key)) == [0]
    await records.change("ana", Put("rooms of ana", "a", b"", 1, 9))
    while await link.send(("EXISTS", key)) == [1]:
        await link.send(("TIME",))
