"""The upgrade of a polling session to a WebSocket, as Engine.IO prescribes it: the client probes the
WebSocket, the server answers and ends the poll that waits, and the client says that it goes on there.

Protocol: https://socket.io/docs/v4/engine-io-protocol/
"""

from collections.abc import Callable
from time import monotonic

from relay.transport.handshake import Handshake

SECONDS = 10.0
"""Seconds that a client may take from the first to the last packet of an upgrade."""
NORMAL = 1000
"""WebSocket close code."""


class Upgrade:
    """One attempt to upgrade."""

    def __init__(self, websocket: Handshake) -> None:
        self._websocket = websocket
        self._deadline = monotonic() + SECONDS

    @property
    def held(self) -> float:
        """Bytes of memory for what came over the WebSocket and was not taken yet."""
        return self._websocket.connection.half

    async def succeeds(self, end_poll: Callable[[], None]) -> bool:
        """Return whether the client went through with it; False also if the WebSocket breaks. `end_poll`:
        ends the poll that waits."""
        try:
            if await self._websocket.wait() != "2probe":
                return False
            await self._websocket.send("3probe")
            end_poll()
            return bool(await self._websocket.wait() == "5")
        except OSError:
            return False

    async def check(self, now: float) -> None:
        """Close the WebSocket if the client takes too long."""
        if now >= self._deadline:
            await self.close()

    async def close(self) -> None:
        """Close the WebSocket."""
        await self._websocket.connection.close(NORMAL)
