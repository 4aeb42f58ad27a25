"""What a session holds in memory for its client: frames that wait for a poll or in a WebSocket's send buffer,
and packets that are being handled. A client that does not read is disconnected.

On a WebSocket, frames are written to the transport at once: there is no queue, no writer task and no task for
each incoming frame. While the session polls or upgrades, frames wait in its queue.
"""

import asyncio
import logging
from collections import deque
from typing import Any

from engineio import packet
from engineio.async_socket import AsyncSocket

from relay.delivery.frames import Batch, Frame
from relay.delivery.room_members import PAUSE_OVER_TCP, Room
from relay.transport import slow_readers
from relay.transport.incoming import Incoming
from relay.transport.large_answers import LargeAnswers
from relay.transport.polls import Polls
from relay.transport.send_buffer import SendBuffer
from relay.transport.sid import log_name
from relay.transport.upgrade import Upgrade
from relay.transport.websocket import RelayWebSocket

logger = logging.getLogger(__name__)

NOOP = Frame.of(packet.Packet(packet.NOOP))


class BufferedSocket(AsyncSocket):  # type: ignore[misc]
    server: Any  # the EngineServer, which makes these
    queue: asyncio.Queue[Frame]
    closed: bool

    def __init__(self, server: Any, sid: str) -> None:
        super().__init__(server, sid)
        self.rooms: dict[Room, str] = {}
        self.large_answers = LargeAnswers()
        self.polls = Polls()
        self.incoming = Incoming(server.buffers)
        self._connection: RelayWebSocket | None = None
        self._queued = 0  # bytes in the queue
        self._send_buffer: SendBuffer | None = None  # of the WebSocket; None if the kernel took all
        self._disconnecting: asyncio.Task[None] | None = None
        self._upgrade: Upgrade | None = None

    async def send(self, pkt: packet.Packet) -> None:
        """Replaces AsyncSocket.send, which queues for a task of the session's own to write, and which looks
        for a ping timeout, as the service task does."""
        self.send_frame(Frame.of(pkt))

    def send_frame(self, frame: Frame) -> None:
        """Send a frame that is for this client alone, after what its rooms have queued for it."""
        queued = [queued for room, sid in self.rooms.items() for queued in room.take_queued(sid)]
        self.put(Batch([*queued, frame]))

    def put(self, batch: Batch) -> None:
        """Write a batch now, or queue it for the next poll or the end of the upgrade. A client that reads
        slowly may get less, or is disconnected: see slow_readers.py."""
        if self.closed or self._disconnecting is not None:
            return
        connection, server = self._connection, self.server
        unsent = self._queued if connection is None else connection.unsent
        if unsent > server.slow_readers.soft_limit:
            if unsent > server.slow_readers.limit:
                self.disconnect_slow_reader()
                return
            batch = batch.required
        if connection is None:
            self._enqueue(batch.frames)
        else:
            connection.write(batch.data)
            if left := connection.unsent:
                self._send_buffer = self._send_buffer or SendBuffer(server.buffers)
                self._send_buffer.add(batch, left)
            elif self._send_buffer is None:  # the kernel took all, now as before: nothing is held
                return
            else:
                self._forget_send_buffer()
        server.buffers.relieve()

    @property
    def pause_factor(self) -> int:
        """See Recipient."""
        return PAUSE_OVER_TCP if self._connection is None else self._connection.pause_factor

    @property
    def unsent(self) -> int:
        """Bytes that the client has not fetched, or the kernel not taken, yet."""
        return self._queued if self._connection is None else self._connection.unsent

    @property
    def held(self) -> float:
        """Bytes of memory that this session takes: see Buffers."""
        held: float = self.incoming.bytes
        if self._connection is not None:
            held += self._connection.half
            if self._send_buffer is not None:
                self._send_buffer.settle(self._connection.unsent)
                held += self._send_buffer.held
        else:
            waiting = (*self.polls.carried, *self._queue)
            held += sum(frame.share for frame in waiting if frame is not NOOP)
            held += self._upgrade.held if self._upgrade is not None else 0
        return held

    def drained(self) -> None:
        """Let a large answer be made: the WebSocket's send buffer was full, and is nearly empty."""
        self.large_answers.wake()

    def disconnect_slow_reader(self) -> None:
        """Disconnect a client that reads too slowly, and forget what it has not read."""
        if self._disconnecting is None:
            self.server.slow_readers.disconnected += 1
            about = {"session": log_name(self.sid), "unsent": self.unsent, "held": round(self.held)}
            logger.warning("Dropped a client that reads too slowly", extra={"about": about})
            self._disconnect(slow_readers.REASON)
            self._forget()
            self._queue.clear()

    def _disconnect(self, reason: str) -> None:
        """Close the session without a goodbye, which the client would not read. It may come back any time."""
        self._disconnecting = asyncio.create_task(self.close(abort=True, reason=reason))
        if self._connection is not None:
            self._connection.transport.abort()

    @property
    def _queue(self) -> deque[Frame]:
        """The frames in the queue; after an upgrade there is none."""
        return self.queue._queue if self._connection is None else deque()  # type: ignore[attr-defined]

    def _enqueue(self, frames: list[Frame]) -> None:
        for frame in frames:
            self._queued += len(frame.data)
            self.server.buffers.hold(frame)
            self.queue.put_nowait(frame)
        self.polls.wake()

    def _end_poll(self) -> None:
        """Answer the poll that waits, with nothing."""
        self.queue.put_nowait(NOOP)
        self.polls.wake()

    def _release(self, frames: list[Frame]) -> None:
        """Stop counting frames that came from the queue. After the end of the session they are not
        counted."""
        for frame in frames:
            if frame is not NOOP and not self.closed:
                self._queued -= len(frame.data)
                self.server.buffers.release(frame)
        self.large_answers.wake()

    def _last_poll_arrived(self) -> None:
        """Release what the last poll was answered with: the client goes on, so it arrived. A poll that still
        waits is answered with nothing."""
        self.polls.end()
        carried, self.polls.carried = self.polls.carried, []
        self._release(carried)

    def _switch(self, connection: RelayWebSocket) -> None:
        """Send over the WebSocket from now on, beginning with what is queued."""
        self._last_poll_arrived()
        left = list(self._queue)
        self._release(left)
        self._queue.clear()
        self._connection = connection
        self.put(Batch([frame for frame in left if frame is not NOOP]))
        self._end_poll()  # there should be none that waits
        del self.queue

    def _forget(self) -> None:
        """Count nothing any more of what this session takes."""
        self.incoming.forget()
        if self._connection is not None:
            self._connection.uncount()
        self._forget_send_buffer()
        for frame in (*self.polls.carried, *self._queue):
            if frame is not NOOP:
                self.server.buffers.release(frame)
        self.polls.carried = []
        self._queued = 0

    def _forget_send_buffer(self) -> None:
        if self._send_buffer is not None:
            self._send_buffer.forget()
            self._send_buffer = None
