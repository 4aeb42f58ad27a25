"""The store in memory keeps the contract."""

import pytest
from relay.log.store import Store
from relay.memory.store import MemoryStore

from tests.unit.relay.log.store_contract import StoreContract


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()
