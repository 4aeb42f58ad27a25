"""The log in memory keeps the contract, and tells every new entry once, in order."""

import pytest
from relay.log.log import Entry, Log
from relay.memory.log import MemoryLog
from relay.memory.records import MemoryRecords

from tests.unit.relay.log.log_contract import MakeLog, filled, numbers
from tests.unit.relay.log.whole_contract import WholeContract


class TestMemoryLog(WholeContract):
    @pytest.fixture
    def records(self) -> MemoryRecords:
        return MemoryRecords()

    @pytest.fixture
    def make_log(self, records: MemoryRecords) -> MakeLog:
        def make(*, keep: int = 0, dedup_ttl: int = 60) -> Log:
            return MemoryLog(lambda entry: None, records, keep=keep, dedup_ttl=dedup_ttl)

        return make


async def test_tells_each_new_entry_once_and_no_retry() -> None:
    told: list[Entry] = []
    log = MemoryLog(told.append, keep=0, dedup_ttl=60)
    await filled(log, 5)
    await filled(log, 6)
    assert numbers(told) == [1, 2, 3, 4, 5, 6]
