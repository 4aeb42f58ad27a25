"""The HTTP protocol under uvicorn: it hands a WebSocket's connection over as it is, and requests know
theirs."""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from relay.transport.poll_responses import TRANSPORT
from relay.transport.websocket import RelayWebSocket

MAX_HEADERS, MAX_HEADER = 128, 8192
"""Headers that a handshake may have, and bytes of each: the limits of `websockets`."""


class RelayHttp(HttpToolsProtocol):
    """Given to uvicorn as `http=`."""

    def on_message_begin(self) -> None:
        """Extends HttpToolsProtocol.on_message_begin, whose requests do not know their connection."""
        super().on_message_begin()
        extensions: dict[str, Any] = {TRANSPORT: self.transport}
        self.scope["extensions"] = extensions

    def handle_websocket_upgrade(self) -> None:
        """Replaces HttpToolsProtocol.handle_websocket_upgrade, which writes the parsed request down again for
        `websockets` to parse: 5 % of what a connect costs."""
        if len(self.headers) > MAX_HEADERS or max(len(value) for _, value in self.headers) > MAX_HEADER:
            self.send_400_response("The handshake's headers are too large.")
            return
        try:
            url = self.url.decode("ascii")
        except UnicodeDecodeError:
            self.send_400_response("The URL is not ASCII.")
            return
        self.connections.discard(self)
        protocol = RelayWebSocket(self.config, self.server_state, self.app_state)
        protocol.connection_made(self.transport)
        self.transport.set_protocol(protocol)
        protocol.begin(self.scope["method"], url, self.headers)
