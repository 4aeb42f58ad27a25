"""The HTTP protocol under uvicorn: it hands a WebSocket's connection over as it is, and requests know
theirs."""

from asyncio import Transport
from typing import Any, ClassVar, Self

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from relay.delivery.room_members import PAUSE_OVER_SOCKET
from relay.transport.local_sockets import FOLLOWS, LocalSockets, bound_send_buffer
from relay.transport.poll_responses import TRANSPORT
from relay.transport.websocket import RelayWebSocket

MAX_HEADERS, MAX_HEADER = 128, 8192
"""Headers that a handshake may have, and bytes of each: the limits of `websockets`."""


class RelayHttp(HttpToolsProtocol):
    """Given to uvicorn as `http=`."""

    sockets: ClassVar[LocalSockets | None] = None
    """Where an nginx on the same host brings WebSockets without TCP; None: nowhere."""
    _asked: Self | None = None  # over a Unix socket: the protocol that led nginx there

    @classmethod
    def with_sockets_in(cls, folder: str) -> type[Self]:
        """Return the protocol of a worker behind an nginx on the same host, which brings it WebSockets over a
        Unix socket in `folder` where it can, and over TCP where it can't. What nginx has to be told is in
        docs/relay-deploying.md."""
        return type(cls.__name__, (cls,), {"sockets": LocalSockets(folder)})

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Extends HttpToolsProtocol.connection_made: what comes over a Unix socket came to the same address,
        and from the same proxy, as the first that was led there. By the one sessions find their worker, by
        the other it is known whom to believe a client's address."""
        super().connection_made(transport)
        if (asked := self._asked) is not None:
            self.server, self.client = asked.server, asked.client
            bound_send_buffer(transport)

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
        if (led := self._lead(url)) is not None:
            self.transport.write(led)
            self.on_response_complete()
            return
        self.connections.discard(self)
        protocol = RelayWebSocket(self.config, self.server_state, self.app_state)
        protocol.connection_made(self.transport)
        if self._asked is not None:
            protocol.server, protocol.client = self.server, self.client
            protocol.pause_factor = PAUSE_OVER_SOCKET
        self.transport.set_protocol(protocol)
        protocol.begin(self.scope["method"], url, self.headers)

    def _lead(self, url: str) -> bytes | None:
        """Return the answer that leads nginx with this handshake to a Unix socket; None: it is served
        here."""
        follows = any(name == FOLLOWS and value for name, value in self.headers)
        if self.sockets is None or self._asked is not None or not follows:
            return None
        query = url.partition("?")[2]
        return self.sockets.answer_to(self.server, query, self._over_socket, self.connections)

    def _over_socket(self) -> Self:
        protocol = type(self)(self.config, self.server_state, self.app_state)
        protocol._asked = self
        return protocol
