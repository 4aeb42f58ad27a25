"""Records in memory keep the contract."""

import pytest
from relay.log.records import Records
from relay.memory.records import MemoryRecords

from tests.unit.relay.log.records_contract import RecordsContract


class TestMemoryRecords(RecordsContract):
    @pytest.fixture
    def records(self) -> Records:
        return MemoryRecords()
