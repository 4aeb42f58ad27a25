"""The store in memory keeps the contract."""

import pytest
from relay.memory_store import MemoryStore
from relay.store import Store

from tests.unit.relay.store_contract import StoreContract


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()
