"""Stock python-socketio in our workers' place: the same nginx and Redis, the same crowd, as far as it goes.

It keeps no log, so a client that comes back misses what was said in the meantime, and it has no numbers, so a
client shows what comes as it comes. Only WebSockets: its polling clients need sticky sessions of another
kind, whose faults would be counted as its own.
"""

from tests.faults.client import Client
from tests.faults.seat import Seat, ask
from tests.faults.stack import FaultStack
from tests.faults.timeline import Message
from tests.faults.wire import Connection
from tests.support.stack import REPOSITORY
from tests.support.waiting import eventually

FILES = f"{REPOSITORY}/docker-compose.yml:{REPOSITORY}/tests/peers/stock/compose.yml"
WAYS = (("websocket",),)


class StockStack(FaultStack):
    def __init__(self) -> None:
        super().__init__("tertulia-stock", "127.0.0.1:18081")

    def compose(self, *arguments: str, **settings: str) -> str:
        return super().compose(*arguments, COMPOSE_FILE=FILES, **settings)

    def wait_until_routed(self) -> None:
        """Its session ids name no worker; that some worker answers must do."""
        eventually(lambda: self.health().status_code == 200, within=15, what="some worker answers")


class StockSeat(Seat):
    """Says things as ours do: the same id until it is acked."""

    async def attend(self, connection: Connection) -> None:
        await ask(connection, "join", {"room": self.room})
        if self.timeline.shown is None:
            self.timeline.begin("", 0, [])
            self._begin("", 0)
        await self.flush(connection)

    def hear(self, message: Message) -> None:
        if self.timeline.shown is not None:
            self._show(message | {"seq": 0}, live=True)


class StockClient(Client):
    seat = StockSeat
