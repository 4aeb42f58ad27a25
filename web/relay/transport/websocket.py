"""The WebSocket protocol under uvicorn. An application may take a connection over, and then waits for nothing
and gets no copies. Bad input closes the connection with one line in the log at most, and no traceback."""

import asyncio
from contextlib import suppress
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.protocol import Protocol, State

from relay.delivery.buffers import Buffers
from relay.delivery.room_members import PAUSE_OVER_TCP
from relay.transport.client_frames import ClientFrame, ClientFrames
from relay.transport.inbox import Inbox, Owner
from relay.transport.opening import RawHeaders, answer_to, request_of, scope_of

EXTENSION = "relay.transport.websocket"
"""Where the application finds the protocol in `scope["extensions"]`."""

MAX_FRAGMENTS = 1024
"""Fragments that a message may come in."""
MAX_UNREAD_PONGS = 64 * 1024
"""Bytes that may be unsent when a ping is answered; above that the connection is closed."""
FRAMES = 50
"""Frames without an event, such as pings, that are parsed before other tasks get a turn. One read of 256 KB
may hold 40,000, which take 0.4 s."""
FRAGMENT = 64
"""Bytes of memory that a part of a message takes besides its text while it waits."""
WRITABLE = asyncio.Event()
"""Says that a connection may be written to, as it always may: see `pause_writing`. All sessions share it; one
of each would take 0.8 KiB."""
WRITABLE.set()


class RelayWebSocket(WebSocketsSansIOProtocol):
    """A WebSocket, made by RelayHttp. `half`: bytes of memory for what came and was not taken yet, counted in
    `buffers`."""

    buffers: Buffers | None = None
    half = 0
    pause_factor = PAUSE_OVER_TCP
    """See Recipient."""
    _answer: bytes | None = None  # to the handshake; None if `websockets` has it
    _ended = False  # whether the client ended the connection: what it sent before is handled all the same
    _lost = False  # whether the connection is gone, and only what waits to be handled keeps it

    def begin(self, method: str, url: str, headers: RawHeaders) -> None:
        """Take the client's handshake. Its frames follow. One without anything unusual does not pass
        WebSocketsSansIOProtocol.handle_connect, which parses the headers again and builds the answer out of
        parts: 8 % of what a connect costs."""
        self._came = ClientFrames(self.config.ws_max_size)
        self.conn.parser = Protocol.parse(self.conn)  # instead of one that reads the handshake first
        next(self.conn.parser)
        if not self.conn.available_extensions:
            self._answer = answer_to(method, headers)
        if self._answer is None:
            self.handle_connect(request_of(method, url, headers))
            return
        self.scope = scope_of(self, url, headers)
        self.queue.put_nowait({"type": "websocket.connect"})
        task = self.loop.create_task(self.run_asgi())
        task.add_done_callback(self.on_task_complete)
        self.tasks.add(task)

    async def send(self, message: Any) -> None:
        """Extends WebSocketsSansIOProtocol.send: an application that accepts a WebSocket itself may add
        headers to the answer, so `websockets` builds it."""
        if self._answer is not None and message["type"] == "websocket.accept":
            self.response = self.conn.accept(request_of("GET", self.scope["path"], [*self.scope["headers"]]))
        await super().send(message)

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
        """Give everything that comes to `owner` from now on, one event after the other. The application that
        was called for this connection may return."""
        events = self.queue
        self.queue = Inbox(self, owner)
        while not events.empty():
            self.queue.put_nowait(events.get_nowait())
        self.loop.call_soon(self.queue.wake)  # frames may have come already
        if self._answer is None:
            self.request.headers.clear()  # the parser holds on to them
            del self.request, self.response
        else:
            del self._answer
        del self.scope
        self.writable = WRITABLE

    def data_received(self, data: bytes) -> None:
        """Extends WebSocketsSansIOProtocol.data_received, which turns all that came into events before it
        stops reading: here nothing is parsed while an event waits to be taken."""
        self._came.add(data)
        if isinstance(self.queue, Inbox):
            self.queue.wake()
        else:
            self._parse()
        self._count()

    async def receive(self) -> Any:
        """Extends WebSocketsSansIOProtocol.receive: goes on parsing."""
        event = await super().receive()
        self._parse()
        self._count()
        return event

    def next_text(self) -> str | None:
        """Return the text of the message that comes next, if it is a frame by itself. None if no whole frame
        is left, or if something else comes next: that is in the queue then, if it is an event. So it is also
        after FRAMES others, such as pings."""
        for _ in range(FRAMES):
            if (frame := self._take_frame()) is None:
                break
            # Amid the frames of another message a text is a fault, which the parser finds.
            if not self.frames and (text := frame.text) is not None:
                return text
            super().data_received(frame.raw)
            if not self.queue.empty():
                break
        return None

    @property
    def has_frame(self) -> bool:
        """Whether a whole frame is left."""
        return self._takes and self._came.next() is not None

    @property
    def _takes(self) -> bool:
        """Whether what came is handled: not once the connection is closed from here."""
        return self._ended or not self.transport.is_closing()

    def _take_frame(self) -> ClientFrame | None:
        return self._came.take() if self._takes else None

    def _parse(self) -> None:
        while not self.read_paused and (frame := self._take_frame()) is not None:
            super().data_received(frame.raw)

    def pause(self) -> None:
        """Read no more."""
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    def eof_received(self) -> None:
        """Replaces WebSocketsSansIOProtocol.eof_received, which does nothing. The connection is closed
        then."""
        self._ended = not self.close_sent

    def resume(self) -> None:
        """Read again, unless that was never ended. All that came was handled."""
        if self._lost:
            self._lose(None)
        elif self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self._count()

    def _count(self) -> None:
        """Count what came and was not taken yet."""
        if self.buffers is None:
            return
        half = len(self._came)
        if self.frames:
            half += sum(map(len, self.frames)) + FRAGMENT * len(self.frames)
        if isinstance(self.queue, Inbox):
            half += self.queue.size
        if half != self.half:
            half, self.half = self.half, half
            self.buffers.change(self.half - half)

    def uncount(self) -> None:
        """Stop counting memory: the connection ends."""
        if self.buffers is not None:
            self.buffers.change(-self.half)
            self.buffers, self.half = None, 0

    def connection_lost(self, exc: Exception | None) -> None:
        """Extends WebSocketsSansIOProtocol.connection_lost: where the client ended the connection, what came
        before is handled first. A page that is left sends its last words, and goes. It is an error where it
        had not read all that it was sent."""
        self._ended = self._ended or (exc is not None and not self.close_sent)
        if not (self._ended and isinstance(self.queue, Inbox)):
            self._lose(exc)
            return
        self._lost = True
        if not self.queue.busy:
            self.queue.wake()

    def _lose(self, exc: Exception | None) -> None:
        """Forget the rest, such as a frame that came in part."""
        self._lost = False
        self._came.clear()
        self.uncount()
        super().connection_lost(exc)

    @property
    def unsent(self) -> int:
        """Bytes that the kernel has not taken yet."""
        return self.transport.get_write_buffer_size()

    def accept(self) -> None:
        """Replaces WebSocketsSansIOProtocol.send of `websocket.accept`, which writes the answer by itself:
        here it goes out with the first frame, or soon. A write is 5 % of what a connect costs."""
        if self._answer is None:
            self.conn.send_response(self.response)
        else:
            self.conn.writes.append(self._answer)
            self.conn.state = State.OPEN
        self.handshake_complete = True
        self.loop.call_soon(self.write, b"")

    def write(self, frames: bytes) -> None:
        """Write whole frames after all that was written before; nothing if the connection is being closed."""
        if not (self.close_sent or self.transport.is_closing()):
            if self.conn.writes:
                frames = b"".join([*self.conn.data_to_send(), frames])
            if frames:
                self.transport.write(frames)

    async def close(self, code: int) -> None:
        """Close the connection with a WebSocket close frame, unless it is being closed already."""
        if not self.close_sent:
            with suppress(ClientDisconnected):
                await self.send({"type": "websocket.close", "code": code})

    def pause_writing(self) -> None:
        """Replaces WebSocketsSansIOProtocol.pause_writing, which has the application wait for a slow reader.
        Here it never waits; it looks at `unsent`."""

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
        if self._ended:
            self.conn.data_to_send()  # the loop would log a warning for each answer
        elif self.unsent > MAX_UNREAD_PONGS:
            self.transport.abort()
        else:
            super().handle_ping()
