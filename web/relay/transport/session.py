"""One Engine.IO session: its polls, its upgrade, its pings, what its client sends, and its end. What waits
for the client is in buffered_socket.py.

Each method says which upstream behaviour it replaces and why; a unit test fails when upstream changes one.
"""

import asyncio
import logging
from math import inf
from time import monotonic
from typing import Any

from engineio import packet
from engineio.exceptions import QueueEmpty, SocketIsClosedError

from relay.delivery.frames import Frame
from relay.transport import bad_input
from relay.transport.buffered_socket import NOOP, BufferedSocket
from relay.transport.handshake import Handshake
from relay.transport.packets import BadInput, check_frame, read_body, split_payload
from relay.transport.polls import TooOften, answer_from, mark_of
from relay.transport.upgrade import NORMAL, Upgrade
from relay.transport.websocket import RelayWebSocket

logger = logging.getLogger(__name__)

YIELD_EVERY = 100
"""Packets of one POST that are handled before other tasks get a turn; a body may hold 32,768 of them."""
MOVED = "moved"
"""The reason that the `disconnect` handler gets when a worker that ends moves its clients; see
draining.py."""
SERVICE_RESTART = 1012
"""WebSocket close code that says: come back, the service is being restarted."""


class EngineSocket(BufferedSocket):
    upgrading: bool
    upgraded: bool
    connected: bool

    def __init__(self, server: Any, sid: str, address: str = "") -> None:
        """`address`: the client's, for which the session is counted."""
        super().__init__(server, sid)
        self.address = address
        self.connects = 0
        """How often it asked to connect to a namespace."""
        self.namespaces: tuple[str, ...] = ()
        """Those that it asked to connect to and was not refused at once. It may have left them again."""
        self.unwanted: tuple[str, ...] = ()
        """Those of them that it is not to be in when their `connect` handlers have returned."""
        self.expires_at = inf
        """When it ends, on the clock of `monotonic`; see RelayServer.expire."""
        self.expires_for = ""
        """The reason that its clients are told then."""
        self.expired = False
        """Whether it is about to end because of that."""
        self._due = monotonic()
        self._unread = 0
        """Bytes that were unsent when it was last given time for a pong. It has to read them before."""

    @property
    def _silence(self) -> float:
        """Seconds for which nothing may come from a client."""
        return float(self.server.ping_interval + self.server.ping_timeout)

    @property
    def at_rest(self) -> bool:
        """Whether everything that came was answered, and the answers were read."""
        return not (self.incoming.handlers or self.incoming.half or self.unsent or self.upgrading)

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
        """Replaces AsyncSocket.poll, which takes frames also when the client has gone, divides them between
        two polls at a time, and returns all there are. See polls.py."""
        polls, queue, mark = self.polls, self.queue, mark_of(environ)
        try:
            if polls.is_repeated(mark):
                return polls.carried or [NOOP]
            self._last_poll_arrived()
            if queue.empty() and not await polls.wait(environ["asgi.receive"], self._silence):
                return [NOOP]
        except (TimeoutError, TooOften):
            raise QueueEmpty from None
        frames = answer_from(queue)
        if not frames:  # a newer poll, or an upgrade, has them
            return [NOOP]
        polls.carry(frames, mark)
        return frames

    def schedule_ping(self) -> None:
        """Replaces AsyncSocket.schedule_ping, which starts a task that sleeps until then."""
        self.last_ping: float | None = None
        self._due = monotonic() + self.server.ping_interval

    async def check(self, now: float) -> None:
        """Ping when it is time. Disconnect a client that has not answered in time, unless it still reads what
        was sent before the ping. Disconnect one that owes attachments for as long as it may be silent; end an
        upgrade that takes too long, and a session whose time is over. Called about once a second."""
        if now >= self.expires_at and not self.expired:
            self.expired = True
            self.server.on_expired(self)
        if self._upgrade is not None:
            await self._upgrade.check(now)
        if (half := self.incoming.half) is not None and now - half.began_at > self._silence:
            await self.close(
                abort=True, reason=f"{bad_input.PREFIX}a binary packet whose attachments do not come"
            )
            return
        if now < self._due or self._disconnecting is not None:
            return
        if self.last_ping is None:
            self.last_ping = now
            await self.send(packet.Packet(packet.PING))
        elif self.unsent >= self._unread:
            self._disconnect(self.server.reason.PING_TIMEOUT)
            return
        self._due, self._unread = now + self.server.ping_timeout, self.unsent

    async def evict(self) -> None:
        """End a pending session at once, without a goodbye: a client that listens would have connected."""
        if self._connection is not None:
            self._connection.transport.abort()
        await self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)

    async def handle_post_request(self, environ: dict[str, Any]) -> None:
        """Replaces AsyncSocket.handle_post_request, which answers 200 to what it can't decode, with a
        traceback in the log, loses the packets that came with it, and takes no more than 16."""
        try:
            body = await read_body(environ, self.server.max_http_buffer_size)
            size = self.incoming.begin(len(body))
            try:
                for number, frame in enumerate(split_payload(body), 1):
                    if self.closed or self._disconnecting is not None:
                        break
                    await self._handle(frame)
                    if number % YIELD_EVERY == 0:
                        await asyncio.sleep(0)
            finally:
                self.incoming.end(size)
        except BadInput as problem:
            await self.close(reason=f"{bad_input.PREFIX}{problem}")
            # The caller answers 500 when the session was closed and removed meanwhile; it removes it itself.
            self.server.sockets[self.sid] = self
            raise

    async def take(self, event: Any) -> None:
        """Take what comes over the WebSocket; see Owner."""
        if self.closed:
            return
        message = event if isinstance(event, str) else event.get("text", event.get("bytes"))
        if message is None:
            if refusal := bad_input.REFUSALS.get(event.get("code")):
                self.server.bad_input.note(self.sid, refusal)
            await self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)
            return
        try:
            frame = check_frame(message)
            if len(frame) > self.server.max_http_buffer_size:
                raise BadInput("the packet is too large")
            size = self.incoming.begin(len(message) if isinstance(message, str) else 0)
            try:
                await self._handle(frame)
            finally:
                self.incoming.end(size)
        except BadInput as problem:
            await self.close(abort=True, reason=f"{bad_input.PREFIX}{problem}")
        except SocketIsClosedError:
            await self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)
        except Exception:
            logger.exception("An event's handler failed")

    async def _handle(self, frame: str | bytes) -> None:
        """Handle a packet that check_frame let pass. This stands for AsyncSocket.receive, which logs each
        packet with its text, and logs a traceback where the Socket.IO layer refuses one. Packets of an
        upgrade mean nothing here: see upgrade.py."""
        binary = isinstance(frame, bytes)
        kind = packet.MESSAGE if binary else int(frame[0])
        if kind == packet.MESSAGE:
            self.incoming.handlers += 1
            try:
                await self.server.handlers["message"](self.sid, frame if binary else frame[1:])
            finally:
                self.incoming.handlers -= 1
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
        if reason is not None and reason.startswith(bad_input.PREFIX):
            self.server.bad_input.note(self.sid, reason.removeprefix(bad_input.PREFIX))
        await super().close(wait=False, abort=abort, reason=reason)
        self._forget()
        self.large_answers.wake()
        self.server.forget(self)
        if self._upgrade is not None:
            await self._upgrade.close()
        if self._connection is not None:
            await self._connection.close(SERVICE_RESTART if reason == MOVED else NORMAL)
        elif abort:
            self._end_poll()

    def open_on(self, connection: RelayWebSocket) -> None:
        """Begin on a WebSocket, over which everything is sent and received."""
        self.connected = self.upgraded = True
        self._connection = connection
        del self.queue
        connection.take_over(self)

    async def _upgrade_websocket(self, environ: dict[str, Any]) -> Any:
        """Extends AsyncSocket._upgrade_websocket, which lets two upgrades run at once."""
        if self.upgrading or self.upgraded:
            return self.server._bad_request("The session is being upgraded already")
        return await super()._upgrade_websocket(environ)

    async def _websocket_handler(self, ws: Handshake) -> None:
        """Replaces AsyncSocket._websocket_handler, which waits for each frame in two tasks made for it and
        runs a writer beside them. Silence ends a session all the same, by the ping that is not answered. A
        session that begins on a WebSocket does not pass here; see open_on."""
        if await self._upgrades_to(ws):
            self.upgraded = True
            self._switch(ws.connection)
            ws.connection.take_over(self)

    async def _upgrades_to(self, ws: Handshake) -> bool:
        """Return whether the client went through with the upgrade. Upstream, a WebSocket lost before its
        first probe left the session `upgrading`: its polls were answered at once with nothing, for ever."""
        self.upgrading = True
        self.large_answers.wake()
        self._upgrade = Upgrade(ws)
        try:
            return await self._upgrade.succeeds(self._end_poll) and not self.closed
        finally:
            self.upgrading = False
            self._upgrade = None
