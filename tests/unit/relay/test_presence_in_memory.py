"""Who is in a room, in one process without Redis."""

import pytest
from relay import Options, Relay, RelayServer

from tests.stack.relay.worker import Worker, event_of
from tests.unit.relay.presence_contract import Place, PresenceContract


class WorkerInMemory(Worker):
    def __init__(self) -> None:
        self.relay = Relay.in_memory(event_of, Options(presence_grace=0.5))
        self.server = RelayServer(self.relay.manager)
        self.server.manager_initialized = True


class TestPresenceInMemory(PresenceContract):
    @pytest.fixture
    async def places(self) -> list[Place]:
        return [WorkerInMemory()]
