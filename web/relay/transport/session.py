"""One Engine.IO session. On a WebSocket it writes to the transport itself, at once: no queue, no writer task
and no task per incoming frame. While it polls or upgrades, what is sent to it waits in its queue.

Each method says which upstream behaviour it replaces and why; a unit test fails when upstream changes one.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from engineio import packet
from engineio.async_socket import AsyncSocket
from engineio.exceptions import QueueEmpty, SocketIsClosedError

from relay.delivery.buffers import PARSED
from relay.delivery.frames import Batch, Frame
from relay.delivery.room import Room
from relay.transport.backpressure import Backpressure, SendBuffer
from relay.transport.packets import BadInput, check_frame, read_body, split_payload
from relay.transport.polls import Polls, TooOften, mark_of
from relay.transport.sid import log_name
from relay.transport.websocket import Handshake, RelayWebSocket

logger = logging.getLogger(__name__)

PAYLOAD = 16
"""Packets that one poll is answered with at most: python-engineio's own client gives up on more."""
PAYLOAD_BYTES = 64 * 1024
"""An answer of so many bytes gets no further packet."""
TURN = 100
"""Packets of one POST that are taken before everybody else has a turn; a body may hold 32,768 of them."""
SLOW_READER = "slow reader"
"""The reason given to the `disconnect` handler of a client that left too much unread."""
UPGRADE = 10.0
"""Seconds that a client may take from the first to the last packet of an upgrade."""
MOVED = "moved"
"""The reason given when a worker that ends sends its clients to another; see draining.py."""
NORMAL, SERVICE_RESTART = 1000, 1012
"""WebSocket close codes; the second says: come back, the service is being restarted."""

NOOP = Frame.of(packet.Packet(packet.NOOP))


class EngineSocket(AsyncSocket):  # type: ignore[misc]
    server: Any  # the EngineServer, which makes these
    queue: asyncio.Queue[Frame]
    upgrading: bool
    upgraded: bool
    connected: bool
    closed: bool

    def __init__(self, server: Any, sid: str, address: str = "") -> None:
        super().__init__(server, sid)
        self.address = address
        self.rooms: dict[Room, str] = {}
        self.backpressure = Backpressure()
        self.polls = Polls()
        self.connects = 0
        """How often it asked to connect to a namespace."""
        self._connection: RelayWebSocket | None = None
        self._queued = 0  # bytes in the queue
        self._send_buffer: SendBuffer | None = None  # of the WebSocket; None if the kernel took all
        self._incoming = 0  # bytes of memory for what is being handled
        self._handling = 0  # events whose handler runs
        self._due = monotonic()
        self._dropping: asyncio.Task[None] | None = None
        self._upgrade: tuple[RelayWebSocket, float] | None = None  # and until when it has to be over

    async def send(self, pkt: packet.Packet) -> None:
        """Replaces AsyncSocket.send, which queues for a task of the session's own to write; and which looks
        for a ping timeout, as the service does."""
        due = [frame for room, sid in self.rooms.items() for frame in room.take_queued(sid)]
        self.put(Batch([*due, Frame.of(pkt)]))

    def put(self, batch: Batch) -> None:
        """Write a batch now, or queue it for the next poll or the end of the upgrade. A client that leaves
        too much unread goes without what is droppable, and is then dropped itself."""
        if self.closed or self._dropping is not None:
            return
        connection, unsent = self._connection, self.unsent
        if unsent > self.server.soft_limit:
            batch = batch.required
            if unsent > self.server.send_buffer_bytes:
                self.disconnect_slow_reader()
                return
        if connection is None:
            self._enqueue(batch.frames)
        else:
            connection.write(batch.data)
            if left := connection.unsent:
                self._send_buffer = self._send_buffer or SendBuffer(self.server.buffers)
                self._send_buffer.add(batch, left)
            else:
                self._settled()
        self.server.buffers.relieve()

    def _enqueue(self, frames: list[Frame]) -> None:
        for frame in frames:
            self._queued += len(frame.data)
            self.server.buffers.hold(frame)
            self.queue.put_nowait(frame)
        self.polls.wake()

    def _end_poll(self) -> None:
        self.queue.put_nowait(NOOP)
        self.polls.wake()

    def _took(self, frames: list[Frame]) -> None:
        """Forget frames that came from the queue. After the end of the session they were forgotten before."""
        for frame in frames:
            if frame is not NOOP and not self.closed:
                self._queued -= len(frame.data)
                self.server.buffers.release(frame)
        self.backpressure.wake()

    @property
    def unsent(self) -> int:
        """Bytes that the client has not fetched, or the kernel not taken, yet."""
        return self._queued if self._connection is None else self._connection.unsent

    @property
    def at_rest(self) -> bool:
        """Whether everything that came was answered, and the answers were read."""
        return not (self._handling or self.unsent or self.upgrading)

    @property
    def held(self) -> float:
        """Bytes of memory that this session takes: see Buffers."""
        held: float = self._incoming
        if self._connection is not None:
            held += self._connection.half
            if self._send_buffer is not None:
                self._send_buffer.settle(self._connection.unsent)
                held += self._send_buffer.held
        else:
            waiting = (*self.polls.carried, *self._queue)
            held += sum(frame.share for frame in waiting if frame is not NOOP)
            held += self._upgrade[0].half if self._upgrade is not None else 0
        return held

    def disconnect_slow_reader(self) -> None:
        """End the session of a client that reads too slowly, and forget what it has not read."""
        if self._dropping is None:
            self.server.slow_readers += 1
            about = {"session": log_name(self.sid), "unsent": self.unsent, "held": round(self.held)}
            logger.warning("Dropped a client that reads too slowly", extra={"about": about})
            self._drop(SLOW_READER)
            self._forget()
            self._queue.clear()

    @property
    def _queue(self) -> deque[Frame]:
        """What is in the queue; after an upgrade there is none."""
        return self.queue._queue if self._connection is None else deque()  # type: ignore[attr-defined]

    def _forget(self) -> None:
        """Count nothing any more of what this session takes."""
        self.server.buffers.change(-self._incoming)
        self._incoming = 0
        if self._connection is not None:
            self._connection.uncount()
        self._settled()
        for frame in (*self.polls.carried, *self._queue):
            if frame is not NOOP:
                self.server.buffers.release(frame)
        self.polls.carried = []
        self._queued = 0

    def _settled(self) -> None:
        """Everything that was written to the WebSocket is read, or given up."""
        if self._send_buffer is not None:
            self._send_buffer.forget()
            self._send_buffer = None

    def drained(self) -> None:
        """The WebSocket's buffer, which was large, is small."""
        self.backpressure.wake()

    def _drop(self, reason: str) -> None:
        """End the session without a goodbye, which could not be read: its client may come back any time."""
        self._dropping = asyncio.create_task(self.close(abort=True, reason=reason))
        if self._connection is not None:
            self._connection.transport.abort()

    async def handle_get_request(self, environ: dict[str, Any]) -> Any:
        """Replaces AsyncSocket.handle_get_request, whose polls do not know their requests."""
        if environ["asgi.scope"]["type"] == "websocket":
            return await self._upgrade_websocket(environ)
        if self.upgrading or self.upgraded:
            return [NOOP]
        try:
            return await self.poll(environ)
        except QueueEmpty:
            await self.close(wait=False, reason=self.server.reason.TRANSPORT_ERROR)
            raise

    async def poll(self, environ: dict[str, Any]) -> list[Frame]:
        """Replaces AsyncSocket.poll, which also takes what its client is no longer there to read, shares with
        a second poll, and returns all there is. See transport/polls.py."""
        polls, queue, mark = self.polls, self.queue, mark_of(environ)
        try:
            if polls.is_repeated(mark):
                return polls.carried or [NOOP]
            self._arrived()
            if queue.empty():
                patience = self.server.ping_interval + self.server.ping_timeout
                if not await polls.wait(environ["asgi.receive"], patience):
                    return [NOOP]
        except (TimeoutError, TooOften):
            raise QueueEmpty from None
        frames: list[Frame] = []
        while (
            len(frames) < PAYLOAD
            and sum(len(frame.data) for frame in frames) < PAYLOAD_BYTES
            and queue.qsize()
        ):
            frames.append(queue.get_nowait())
        if not frames:  # a newer poll, or an upgrade, has them
            return [NOOP]
        polls.carry(frames, mark)
        return frames

    def _arrived(self) -> None:
        """What the last poll was answered with arrived: its client goes on. The poll that waits is over."""
        self.polls.end()
        carried, self.polls.carried = self.polls.carried, []
        self._took(carried)

    def schedule_ping(self) -> None:
        """Replaces AsyncSocket.schedule_ping, which starts a task that sleeps until then."""
        self.last_ping: float | None = None
        self._due = monotonic() + self.server.ping_interval

    async def look_after(self, now: float) -> None:
        """Ping when it is time, and drop a client that has not answered in time, or an upgrade that takes too
        long. Called about once a second."""
        if self._upgrade is not None and now >= self._upgrade[1]:
            await self._upgrade[0].close(NORMAL)
        if now < self._due or self._dropping is not None:
            return
        if self.last_ping is not None:
            self._drop(self.server.reason.PING_TIMEOUT)
        else:
            self.last_ping = now
            self._due = now + self.server.ping_timeout
            await self.send(packet.Packet(packet.PING))

    async def evict(self) -> None:
        """End a session that is in no namespace, at once: who would answer a goodbye would have connected."""
        if self._connection is not None:
            self._connection.transport.abort()
        await self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)

    async def handle_post_request(self, environ: dict[str, Any]) -> None:
        """Replaces AsyncSocket.handle_post_request: it answered 200 to what it could not decode, with a
        traceback in the log, dropped the packets that came with it, and took no more than 16."""
        try:
            body = await read_body(environ, self.server.max_http_buffer_size)
            with self._handled(len(body)):
                for number, frame in enumerate(split_payload(body), 1):
                    if self.closed or self._dropping is not None:
                        break
                    await self._take(frame)
                    if number % TURN == 0:
                        await asyncio.sleep(0)
        except BadInput as problem:
            await self.close(reason=f"bad input: {problem}")
            # The caller answers 500 when the session was closed and removed meanwhile; it removes it itself.
            self.server.sockets[self.sid] = self
            raise

    @contextmanager
    def _handled(self, size: int) -> Iterator[None]:
        """Count what is parsed, and lives until its handler returns."""
        size *= PARSED
        self._incoming += size
        self.server.buffers.change(size)
        try:
            yield
        finally:
            size = min(size, self._incoming)  # nothing, if the session was cut meanwhile
            self._incoming -= size
            self.server.buffers.change(-size)

    async def _take(self, frame: str) -> None:
        """Take a packet that check_frame let pass. In the place of AsyncSocket.receive, which logs each with
        its text, and a traceback instead of an error to its sender when the Socket.IO layer refuses one. What
        belongs to an upgrade means nothing here, and is not answered: it has its own place, _probe."""
        kind = int(frame[0])
        if kind == packet.MESSAGE:
            self._handling += 1
            try:
                await self.server.handlers["message"](self.sid, frame[1:])
            finally:
                self._handling -= 1
        elif kind == packet.PONG:
            self.schedule_ping()
        elif kind == packet.CLOSE:
            await self.close(wait=False, abort=True, reason=self.server.reason.CLIENT_DISCONNECT)

    async def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None:
        """Extends AsyncSocket.close: by default it waits until the client has read everything, which one that
        does not poll never does; it leaves the poll of a client that said goodbye open for 45 s; it leaves it
        to the client to close a WebSocket, also one that it was being upgraded to; and it leaves the session
        where the next POST to it fails with 500."""
        if self.closing or self.closed:
            return
        await super().close(wait=False, abort=abort, reason=reason)
        self._forget()
        self.backpressure.wake()
        self.server.forget(self)
        if self._upgrade is not None:
            await self._upgrade[0].close(NORMAL)
        if self._connection is not None:
            await self._connection.close(SERVICE_RESTART if reason == MOVED else NORMAL)
        elif abort:
            self._end_poll()

    async def _upgrade_websocket(self, environ: dict[str, Any]) -> Any:
        """Extends AsyncSocket._upgrade_websocket: two upgrades at once were possible."""
        if self.upgrading or self.upgraded:
            return self.server._bad_request("The session is being upgraded already")
        return await super()._upgrade_websocket(environ)

    async def _websocket_handler(self, ws: Handshake) -> None:
        """Replaces AsyncSocket._websocket_handler, which waits for each frame in two tasks made for it and
        runs a writer beside them. Silence ends a session all the same, by the ping that is not answered."""
        if not self.connected or await self._probe(ws):
            self.connected = self.upgraded = True
            self._switch(ws.connection)

    async def _probe(self, ws: Handshake) -> bool:
        """Return whether the client went through with the upgrade. Upstream, a WebSocket lost before its
        first probe left the session `upgrading`: its polls were answered at once with nothing, for ever."""
        self.upgrading = True
        self._upgrade = ws.connection, monotonic() + UPGRADE
        try:
            if await ws.wait() != "2probe":
                return False
            await ws.send("3probe")
            self._end_poll()
            return bool(await ws.wait() == "5") and not self.closed
        except OSError:
            return False
        finally:
            self.upgrading = False
            self._upgrade = None

    def _switch(self, connection: RelayWebSocket) -> None:
        """Go on over the WebSocket, with what the last poll left."""
        self._arrived()
        left = list(self._queue)
        self._took(left)
        self._queue.clear()
        self._connection = connection
        self.put(Batch([frame for frame in left if frame is not NOOP]))
        self._end_poll()  # which should no longer be open
        del self.queue
        connection.take_over(self)

    async def take(self, event: Any) -> None:
        """Take what comes over the WebSocket."""
        if self.closed:
            return
        if event["type"] != "websocket.receive":
            await self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)
            return
        try:
            frame = check_frame(event.get("text"))
            if len(frame) > self.server.max_http_buffer_size:
                raise BadInput("the packet is too large")
            with self._handled(len(frame)):
                await self._take(frame)
        except BadInput as problem:
            await self.close(abort=True, reason=f"bad input: {problem}")
        except SocketIsClosedError:
            await self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)
        except Exception:
            logger.exception("An event's handler failed")
