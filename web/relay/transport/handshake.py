"""The handshake: a WebSocket until a session takes the connection over, and engineio's view of it."""

from typing import Any

from engineio.async_drivers.asgi import WebSocket
from starlette.types import Scope

from relay.delivery.buffers import Buffers
from relay.transport.websocket import EXTENSION, RelayWebSocket


class Handshake(WebSocket):  # type: ignore[misc]
    connection: RelayWebSocket

    def __init__(self, handler: Any, server: Any) -> None:
        super().__init__(handler, server)
        self.buffers: Buffers = server.buffers

    async def __call__(self, environ: dict[str, Any]) -> Any:
        """Replaces WebSocket.__call__: finds the connection itself, which is written to."""
        self.connection = accept(environ["asgi.scope"], self.buffers)
        self.asgi_receive, self.asgi_send = environ["asgi.receive"], environ["asgi.send"]
        await self.handler(self)
        return ""


def accept(scope: Scope, buffers: Buffers) -> RelayWebSocket:
    """Accept a WebSocket. Returns its connection, whose memory is counted in `buffers` from now on."""
    connection: RelayWebSocket = scope["extensions"][EXTENSION]
    connection.buffers = buffers
    connection.accept()
    return connection
