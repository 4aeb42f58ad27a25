"""The handshake: engineio's view of a WebSocket, until a session takes the connection over."""

from typing import Any

from engineio.async_drivers.asgi import WebSocket

from relay.delivery.buffers import Buffers
from relay.transport.websocket import EXTENSION, RelayWebSocket


class Handshake(WebSocket):  # type: ignore[misc]
    connection: RelayWebSocket

    def __init__(self, handler: Any, server: Any) -> None:
        super().__init__(handler, server)
        self.buffers: Buffers = server.buffers

    async def __call__(self, environ: dict[str, Any]) -> Any:
        """Replaces WebSocket.__call__: finds the connection itself, which is written to."""
        self.connection = environ["asgi.scope"]["extensions"][EXTENSION]
        self.asgi_receive, self.asgi_send = environ["asgi.receive"], environ["asgi.send"]
        self.connection.buffers = self.buffers
        self.connection.accept()
        await self.handler(self)
        return ""
