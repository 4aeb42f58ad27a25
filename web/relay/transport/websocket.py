"""The WebSocket protocol under uvicorn: an application may take a connection over, and then neither waits for
it nor is copied to by it; bad input closes it in one line of log at most, without a traceback."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any
from typing import Protocol as Interface

from engineio.async_drivers.asgi import WebSocket
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.datastructures import Headers
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import Protocol

from relay.delivery.buffers import Buffers
from relay.transport.poll_responses import TRANSPORT

EXTENSION = "relay.transport.websocket"
"""Where the application finds the protocol in `scope["extensions"]`."""

MAX_FRAGMENTS = 1024
"""Frames that a message may come in."""
MAX_UNREAD_PONGS = 64 * 1024
"""Bytes that may be unsent when a ping is answered."""
MAX_HEADERS, MAX_HEADER = 128, 8192
"""How many a handshake may have, and bytes of each; what `websockets` reads."""


SLICE = 1024
"""Bytes that are parsed at a time: as many tiny frames as come in one read, 256 KB, would be 50 times that in
memory, and nobody else's turn for 0.4 s."""
EVENT, FRAGMENT = 300, 64
"""Bytes of memory that a message takes besides its text, and a part of one, while they wait."""


class Owner(Interface):
    def drained(self) -> None:
        """Hear that what is unsent was much, and is little again."""

    def take(self, event: Any) -> Awaitable[None]:
        """Take a `websocket.receive`, or one or more `websocket.disconnect`, as ASGI has them; raises
        nothing."""


class RelayHttp(HttpToolsProtocol):
    """Given to uvicorn as `http=`."""

    def on_message_begin(self) -> None:
        """Extends HttpToolsProtocol.on_message_begin, whose requests do not know their connection."""
        super().on_message_begin()
        extensions: dict[str, Any] = {TRANSPORT: self.transport}
        self.scope["extensions"] = extensions

    def handle_websocket_upgrade(self) -> None:
        """Replaces HttpToolsProtocol.handle_websocket_upgrade, which writes the request that it has read down
        again for `websockets` to read: 5 % of what a connect costs."""
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
        headers = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in self.headers)
        protocol.begin(Request(url, Headers(headers), self.scope["method"]))


class RelayWebSocket(WebSocketsSansIOProtocol):
    """What RelayHttp makes of a connection. `half`: bytes that came and were not taken yet, counted in
    `buffers`."""

    buffers: Buffers | None = None
    half = 0
    _unparsed = b""
    _parsed = 0  # how much of that is parsed

    def begin(self, request: Request) -> None:
        """Take the client's handshake, and its frames from here on."""
        self.conn.parser = Protocol.parse(self.conn)  # in the place of one that reads the handshake first
        next(self.conn.parser)
        self.handle_connect(request)

    async def run_asgi(self) -> None:
        """Replaces WebSocketsSansIOProtocol.run_asgi, which closes the connection when the application
        returns; here one that was taken over goes on, without the memory of an application that waits."""
        extensions: dict[str, Any] = self.scope["extensions"]
        extensions[EXTENSION] = self
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except BaseException:
            self.logger.exception("Exception in ASGI application\n")
            self.send_500_response()
        if not isinstance(self.queue, Inbox) and self.close_timer is None:
            self.transport.close()

    def take_over(self, owner: Owner) -> None:
        """Give everything that comes to `owner` from now on, one after the other; the application that was
        called for this connection may return."""
        events = self.queue
        self.queue = Inbox(self, owner)
        while not events.empty():
            self.queue.put_nowait(events.get_nowait())
        self.request.headers.clear()  # the parser holds on to them
        del self.scope, self.request, self.response

    def data_received(self, data: bytes) -> None:
        """Extends WebSocketsSansIOProtocol.data_received, which makes events of all that came before it stops
        reading: here no more is parsed while one waits to be taken."""
        self._unparsed, self._parsed = self._unparsed[self._parsed :] + data, 0
        self._parse()

    async def receive(self) -> Any:
        """Extends WebSocketsSansIOProtocol.receive: goes on parsing."""
        event = await super().receive()
        self._parse()
        return event

    def _parse(self) -> None:
        while self._unparsed and not self.read_paused and not self.transport.is_closing():
            begin = self._parsed
            self._parsed += SLICE
            piece = self._unparsed[begin : self._parsed]
            if self._parsed >= len(self._unparsed):
                self._unparsed, self._parsed = b"", 0
            super().data_received(piece)
        if self.buffers is not None:
            self._count(self.buffers)

    def _count(self, buffers: Buffers) -> None:
        half = len(self._unparsed) - self._parsed + len(self.conn.reader.buffer)
        if self.frames:
            half += sum(map(len, self.frames)) + FRAGMENT * len(self.frames)
        if isinstance(self.queue, Inbox):
            half += self.queue.size
        if half != self.half:
            half, self.half = self.half, half
            buffers.change(self.half - half)

    def uncount(self) -> None:
        """Count nothing any more: the connection ends."""
        if self.buffers is not None:
            self.buffers.change(-self.half)
            self.buffers, self.half = None, 0

    def connection_lost(self, exc: Exception | None) -> None:
        """Extends WebSocketsSansIOProtocol.connection_lost: what came last is nobody's any more."""
        self._unparsed = b""
        self.uncount()
        super().connection_lost(exc)

    @property
    def unsent(self) -> int:
        """Bytes that the kernel has not taken yet."""
        return self.transport.get_write_buffer_size()

    def accept(self) -> None:
        """Replaces WebSocketsSansIOProtocol.send of `websocket.accept`, which writes the answer by itself:
        here it goes out with the first frame, or soon. A write is 5 % of what a connect costs."""
        self.conn.send_response(self.response)
        self.handshake_complete = True
        self.loop.call_soon(self.write, b"")

    def write(self, frames: bytes) -> None:
        """Write whole frames, after all that was written before, unless the connection is being closed."""
        if not (self.close_sent or self.transport.is_closing()):
            if self.conn.writes:
                frames = b"".join([*self.conn.data_to_send(), frames])
            if frames:
                self.transport.write(frames)

    async def close(self, code: int) -> None:
        """Close the connection as the protocol wants it, if it is open."""
        if not self.close_sent:
            with suppress(ClientDisconnected):
                await self.send({"type": "websocket.close", "code": code})

    def pause_writing(self) -> None:
        """Replaces WebSocketsSansIOProtocol.pause_writing, which has the application wait for a slow reader;
        here it looks at `unsent`, and never waits."""

    def resume_writing(self) -> None:
        """Replaces WebSocketsSansIOProtocol.resume_writing, which ends that wait."""
        if isinstance(self.queue, Inbox):
            self.queue.owner.drained()

    def send_receive_event_to_app(self) -> None:
        """Extends WebSocketsSansIOProtocol.send_receive_event_to_app, which logs a traceback for text that is
        not UTF-8."""
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                self.conn.fail(1007)  # unlike send_close, also once the client has closed
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def handle_cont(self, event: Frame) -> None:
        """Extends WebSocketsSansIOProtocol.handle_cont, which keeps the fragments of a message without end
        if they are empty, since it limits only the sum of their sizes."""
        if len(self.frames) >= MAX_FRAGMENTS:
            self.frames = []
            self.conn.fail(1009, "too many fragments")
            self.handle_parser_exception()
        else:
            super().handle_cont(event)

    def handle_ping(self) -> None:
        """Extends WebSocketsSansIOProtocol.handle_ping, whose answers fill the memory if nobody reads
        them."""
        if self.unsent > MAX_UNREAD_PONGS:
            self.transport.abort()
        else:
            super().handle_ping()


class Handshake(WebSocket):  # type: ignore[misc]
    """engineio's view of a WebSocket, until its session takes the connection over."""

    connection: RelayWebSocket

    def __init__(self, handler: Any, server: Any) -> None:
        super().__init__(handler, server)
        self.buffers: Buffers = server.buffers

    async def __call__(self, environ: dict[str, Any]) -> Any:
        """Replaces WebSocket.__call__: finds the connection itself, which is written to."""
        try:
            self.connection = environ["asgi.scope"]["extensions"][EXTENSION]
        except KeyError:
            raise RuntimeError(
                "relay writes to WebSockets itself; give uvicorn http=relay.RelayHttp"
            ) from None
        self.asgi_receive, self.asgi_send = environ["asgi.receive"], environ["asgi.send"]
        self.connection.buffers = self.buffers
        self.connection.accept()
        await self.handler(self)
        return ""


class Inbox(asyncio.Queue[Any]):
    """Takes the place of the protocol's queue: what comes starts a task, so none has to wait for it."""

    def __init__(self, protocol: RelayWebSocket, owner: Owner) -> None:
        """Without Queue.__init__, which makes what those need who wait, at 2.7 KiB for each connection."""
        self._protocol = protocol
        self.owner = owner
        self.size = 0
        """Bytes of memory that what waits takes."""
        self._events: list[Any] = []
        self._busy = False

    def put_nowait(self, item: Any) -> None:
        self._events.append(item)
        self.size += _size_of(item)
        if not self._busy:
            self._busy = True
            task = self._protocol.loop.create_task(self._deliver())
            task.add_done_callback(self._protocol.on_task_complete)
            self._protocol.tasks.add(task)

    async def _deliver(self) -> None:
        while self._events:
            await self.owner.take(await self._protocol.receive())
        self._busy = False

    async def get(self) -> Any:
        event = self._events.pop(0)
        self.size -= _size_of(event)
        return event

    def empty(self) -> bool:
        return not self._events


def _size_of(event: Any) -> int:
    return EVENT + len(event.get("text") or event.get("bytes") or "")
