"""The WebSocket protocol under uvicorn: an application may take a connection over, and then neither waits for
it nor is copied to by it; bad input closes it in one line of log at most, without a traceback."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any, Protocol

from engineio.async_drivers.asgi import WebSocket
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

EXTENSION = "relay.websocket"
"""Where the application finds the protocol in `scope["extensions"]`."""

MAX_FRAGMENTS = 1024
"""Frames that a message may come in."""
MAX_UNREAD_PONGS = 64 * 1024
"""Bytes that may be unsent when a ping is answered."""

TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 33\r\nconnection: close\r\n\r\n"
    b"The request headers are too large"
)


class Owner(Protocol):
    def take(self, event: Any) -> Awaitable[None]:
        """Take a `websocket.receive`, or one or more `websocket.disconnect`, as ASGI has them; raises
        nothing."""


class RelayWebSocket(WebSocketsSansIOProtocol):
    """Given to uvicorn as `ws=`."""

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

    @property
    def unsent(self) -> int:
        """Bytes that the kernel has not taken yet."""
        return self.transport.get_write_buffer_size()

    def write(self, frames: bytes) -> None:
        """Write whole frames, after all that was written before, unless the connection is being closed."""
        if not (self.close_sent or self.transport.is_closing()):
            self.transport.write(frames)

    async def close(self) -> None:
        """Close the connection as the protocol wants it, if it is open."""
        if not self.close_sent:
            with suppress(ClientDisconnected):
                await self.send({"type": "websocket.close"})

    def pause_writing(self) -> None:
        """Replaces WebSocketsSansIOProtocol.pause_writing, which has the application wait for a slow reader;
        here it looks at `unsent`, and never waits."""

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

    def data_received(self, data: bytes) -> None:
        """Extends WebSocketsSansIOProtocol.data_received, which leaves a connection open, unanswered and
        unwatched when its handshake has more or longer headers than `websockets` reads."""
        super().data_received(data)
        if self.conn.handshake_exc and not self.handshake_initiated:
            self.transport.write(TOO_LARGE)
            self.transport.close()


class Handshake(WebSocket):  # type: ignore[misc]
    """engineio's view of a WebSocket, until its session takes the connection over."""

    connection: RelayWebSocket

    async def __call__(self, environ: dict[str, Any]) -> Any:
        """Extends WebSocket.__call__: finds the connection itself, which is written to."""
        try:
            self.connection = environ["asgi.scope"]["extensions"][EXTENSION]
        except KeyError:
            raise RuntimeError(
                "relay writes to WebSockets itself; give uvicorn ws=relay.websocket.RelayWebSocket"
            ) from None
        return await super().__call__(environ)


class Inbox(asyncio.Queue[Any]):
    """Takes the place of the protocol's queue: what comes starts a task, so none has to wait for it."""

    def __init__(self, protocol: RelayWebSocket, owner: Owner) -> None:
        """Without Queue.__init__, which makes what those need who wait, at 2.7 KiB for each connection."""
        self._protocol = protocol
        self._owner = owner
        self._events: list[Any] = []
        self._busy = False

    def put_nowait(self, item: Any) -> None:
        self._events.append(item)
        if not self._busy:
            self._busy = True
            task = self._protocol.loop.create_task(self._deliver())
            task.add_done_callback(self._protocol.on_task_complete)
            self._protocol.tasks.add(task)

    async def _deliver(self) -> None:
        while self._events:
            await self._owner.take(await self._protocol.receive())
        self._busy = False

    async def get(self) -> Any:
        return self._events.pop(0)

    def empty(self) -> bool:
        return not self._events
