"""Values in memory keep the contract."""

import asyncio

import pytest
from relay.log.records import Records
from relay.memory.records import MemoryRecords
from relay.values import Values

from tests.unit.relay.values_contract import ValuesContract, count


class TestMemoryValues(ValuesContract):
    @pytest.fixture
    def records(self) -> Records:
        return MemoryRecords()


class FarRecords(MemoryRecords):
    """Records that take their time, and count how often a change is tried."""

    tried = 0

    async def change(self, *args: object, **options: object) -> bool:
        self.tried += 1
        await asyncio.sleep(0)
        return await super().change(*args, **options)  # type: ignore[arg-type]


async def test_changes_of_one_worker_do_not_get_in_each_others_way() -> None:
    """Each is tried once. Those of another value don't wait."""
    records = FarRecords()
    values = Values(records)
    await asyncio.gather(*(values.change(f"score {n % 2}", count) for n in range(100)))
    assert records.tried == 100
    assert [await values.read(f"score {n}") for n in range(2)] == [50, 50]
