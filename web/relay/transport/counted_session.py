"""Sessions that count what they carry, for an admin. Others count nothing."""

from collections.abc import Callable
from typing import Any

from relay.delivery.frames import Batch
from relay.transport.handshake import Handshake
from relay.transport.session import EngineSocket


class Traffic:
    """What all sessions of a worker have carried since it started."""

    def __init__(self, upgraded: Callable[[str], None]) -> None:
        """`upgraded`: called with the id of a session that goes on over a WebSocket."""
        self.upgraded = upgraded
        self.sessions = self.packets_in = self.packets_out = self.bytes_in = self.bytes_out = 0


class CountedSession(EngineSocket):
    def __init__(self, server: Any, sid: str, address: str = "") -> None:
        super().__init__(server, sid, address)
        self._traffic: Traffic = server.traffic
        self._traffic.sessions += 1

    def put(self, batch: Batch) -> None:
        """Extends BufferedSocket.put: counts what goes out."""
        self._traffic.packets_out += len(batch.frames)
        self._traffic.bytes_out += len(batch.data)
        super().put(batch)

    async def _handle(self, frame: str | bytes) -> None:
        """Extends EngineSocket._handle: counts what came."""
        self._traffic.packets_in += 1
        self._traffic.bytes_in += len(frame)
        await super()._handle(frame)

    async def _websocket_handler(self, ws: Handshake) -> None:
        """Extends EngineSocket._websocket_handler: reports upgrades."""
        await super()._websocket_handler(ws)
        if self.upgraded:
            self._traffic.upgraded(self.sid)
