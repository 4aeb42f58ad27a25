"""The Socket.IO server: python-socketio where only declared events reach handlers and bad input closes its
sender."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import socketio
from socketio import packet
from starlette.types import Receive, Scope, Send

from relay.delivery.room_names import NAMESPACE
from relay.draining import drain
from relay.local_manager import LocalManager
from relay.manager import RelayManager
from relay.stats import Stats
from relay.support import utf8_json
from relay.transport.backpressure import NotRead
from relay.transport.engine import EngineServer
from relay.transport.packets import BadInput, Opening, opening_of, parse
from relay.transport.session import MOVED, EngineSocket
from relay.transport.sid import log_name

LAST_WORD = 0.3
"""Seconds between a client's last answer and its end: python-socketio's client, on Python 3.14, forgets an
answer that comes together with the end."""
LARGE_ANSWERS = 8
"""Large answers that are made at a time: what is read for one may take 3 MB, a multiple of what is sent."""

CONNECTS = 10
"""How often one session may connect to namespaces, refused or not."""
OF_THE_REQUEST = frozenset({"wsgi.input", "asgi.receive", "asgi.send"})
"""What an environ holds that is of no use once the handshake is answered."""


class RelayServer(socketio.AsyncServer):  # type: ignore[misc]
    """An ASGI application that serves Socket.IO at whatever path it is routed to. It has the options of its
    Relay."""

    def __init__(self, manager: LocalManager | RelayManager) -> None:
        """`manager`: the one of a Relay."""
        options = manager.options
        self._large_answers = asyncio.Semaphore(LARGE_ANSWERS)
        # Upstream logs every packet at `info`, with what people say and the session ids.
        upstream = logging.getLogger("socketio")
        upstream.setLevel(logging.WARNING)
        super().__init__(
            client_manager=manager,
            logger=upstream,
            engineio_logger=upstream,
            json=utf8_json,
            # One event of a client after the other: its messages keep their order, and it cannot start tasks
            # at will.
            async_handlers=False,
            allowed_origins=options.allowed_origins,
            max_http_buffer_size=options.max_message_bytes,
            ping_interval=options.ping_interval,
            ping_timeout=options.ping_timeout,
            send_buffer_bytes=options.send_buffer_bytes,
            max_sessions=options.max_sessions,
            max_buffered_bytes=options.max_buffered_bytes,
            max_sessions_of_address=options.max_sessions_of_address,
            address_of=options.address_of,
            pending_seconds=options.pending_seconds,
            # Answers are small, and compressing others' text with one's own secrets tells both apart
            # (BREACH).
            http_compression=False,
        )
        self._on_useless: Callable[[str], Awaitable[None]] | None = None

    def on_useless(self, handler: Callable[[str], Awaitable[None]]) -> None:
        """Await `handler` with a client's sid for each of its packets that nobody asked for: an event that is
        not declared, an ack that is not awaited, another CONNECT. They cost little, and are else not told."""
        self._on_useless = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.handle_request(scope, receive, send)

    async def start(self) -> None:
        """Listen to the other workers from the start. Upstream begins with the first client, so that a worker
        without one never finds out that it is deaf."""
        self.manager_initialized = True
        self.manager.initialize()

    @property
    def draining(self) -> bool:
        """Whether this worker ends, and takes nobody new."""
        return bool(self.eio.draining)

    async def drain(self, seconds: float) -> None:
        """Bring the clients to other workers, because this one ends; upstream's `shutdown` tells nobody.
        `seconds`: see draining.py."""
        await drain(self, seconds)

    async def close_sessions(self) -> None:
        """End every session at once. Clients see a transport that broke, which they connect again after."""
        for socket in list(self.eio.sockets.values()):
            await socket.close(abort=True, reason=MOVED)

    def log_name(self, sid: str) -> str:
        """Return what stands for a client's session in the log; see routing.log_name."""
        return log_name(self.manager.eio_sid_from_sid(sid, NAMESPACE))

    async def drop(self, sid: str, reason: str) -> None:
        """End a client's session and its connection after `LAST_WORD` seconds, with a word after which the
        official clients do not come back by themselves. `reason` is told to the `disconnect` handler."""
        await asyncio.sleep(LAST_WORD)
        if self.manager.is_connected(sid, NAMESPACE):
            socket = self.eio.sockets[self.manager.eio_sid_from_sid(sid, NAMESPACE)]
            await self._send_packet(socket.sid, packet.Packet(packet.DISCONNECT))
            await socket.close(reason=reason)

    async def stop(self) -> None:
        """Stop the background tasks and leave the bus."""
        await self.shutdown()
        await self.manager.stop()

    @asynccontextmanager
    async def large_answer(self, sid: str) -> AsyncIterator[None]:
        """Surround the making of an answer of more than a few kilobytes: waits until the client has read its
        last ones, and until few others have theirs made. Raises NotRead."""
        session: EngineSocket | None = self.eio.sockets.get(self.manager.eio_sid_from_sid(sid, NAMESPACE))
        if session is None:  # it has ended, and no answer reaches it
            raise NotRead
        async with session.backpressure.large_answer(lambda: session.unsent), self._large_answers:
            yield

    def stats(self) -> Stats:
        """Return what this worker does now, and what it has done since it started."""
        sessions = [socket for socket in self.eio.sockets.values() if not socket.closed]
        websocket = sum(socket.upgraded for socket in sessions)
        return Stats(
            polling=len(sessions) - websocket,
            websocket=websocket,
            rooms=self.manager.fanout.rooms,
            deliveries=self.manager.fanout.delivered,
            unsent=sum(socket.unsent for socket in sessions),
            buffered=self.eio.buffers.bytes,
            slow_readers=self.eio.slow_readers + self.eio.responses.slow_readers,
            on_redis=self.manager.on_redis(),
        )

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        """Replaces AsyncServer._handle_eio_message: it runs the handlers of `connect` and `disconnect` for
        events of that name with a client's own arguments, holds binary packets until all their attachments
        came, and raises whatever a malformed packet leads to, or a client's leaving while a handler runs."""
        opening = opening_of(data)
        if opening is not None and self._is_useless(eio_sid, opening):
            await self._useless(eio_sid)
            return
        pkt = parse(data)
        try:
            await self._handle_packet(eio_sid, pkt, pkt.namespace or "/")
        except BadInput:
            raise
        except Exception:
            if self._is_open(eio_sid):
                raise
            self.logger.debug("What was done for a client that has left failed", exc_info=True)

    async def _handle_packet(self, eio_sid: str, pkt: packet.Packet, namespace: str) -> None:
        if pkt.packet_type == packet.CONNECT:
            await self._handle_connect(eio_sid, namespace, pkt.data)
        elif pkt.packet_type == packet.DISCONNECT:
            await self._handle_disconnect(eio_sid, namespace, self.reason.CLIENT_DISCONNECT)
        elif pkt.packet_type == packet.EVENT:
            await self._handle_event(eio_sid, namespace, pkt.id, pkt.data)
        elif pkt.packet_type == packet.ACK:
            await self._handle_ack(eio_sid, namespace, pkt.id, pkt.data)
        else:
            raise BadInput("binary and error packets are not taken")

    def _is_useless(self, eio_sid: str, opening: Opening) -> bool:
        sid = self.manager.sid_from_eio_sid(eio_sid, opening.namespace)
        if opening.name in self.reserved_events:
            return False  # a forgery
        if not self.manager.is_connected(sid, opening.namespace):
            return True
        if opening.name is None:
            return opening.id not in self.manager.callbacks.get(sid, {})
        return opening.name not in self.handlers.get(opening.namespace, {})

    async def _useless(self, eio_sid: str) -> None:
        """In whatever namespace; whoever is in none is ended soon, see transport/pending_sessions.py."""
        sid = self.manager.sid_from_eio_sid(eio_sid, NAMESPACE)
        if self._on_useless is not None and self.manager.is_connected(sid, NAMESPACE):
            await self._on_useless(sid)

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        """Extends AsyncServer._handle_eio_connect, which keeps with the handshake's headers what reads and
        answers its request, and so the request's connection."""
        kept = {name: value for name, value in environ.items() if name not in OF_THE_REQUEST}
        await super()._handle_eio_connect(eio_sid, kept)

    async def _handle_connect(self, eio_sid: str, namespace: str, data: Any) -> None:
        """Extends AsyncServer._handle_connect, which lets a session connect without end; takes a second
        CONNECT to a namespace, while the first is decided, for the first; keeps the handshake's headers while
        the session lives, also when there is only one namespace to connect to; and makes a member for ever of
        a session that ended while its `connect` handler ran, or whose handler failed."""
        session = self.eio.sockets.get(eio_sid)
        if session is None or session.closing:
            return
        session.connects += 1
        if reason := self._refuses(session, namespace):
            refusal = packet.Packet(packet.CONNECT_ERROR, {"message": reason}, namespace)
            await self._send_packet(eio_sid, refusal)
            await self._useless(eio_sid)
            return
        try:
            await super()._handle_connect(eio_sid, namespace, data)
        finally:
            if self._only_serves(namespace):
                self.environ.pop(eio_sid, None)
            sid = self.manager.sid_from_eio_sid(eio_sid, namespace)
            if self.manager.is_pre_connected(sid, namespace):  # the handler failed
                await self.manager.disconnect(sid, namespace, ignore_queue=True)
        if self.manager.is_connected(sid, namespace):
            self.eio.pending.remove(eio_sid)
            if not self._is_open(eio_sid):
                await self._handle_disconnect(eio_sid, namespace, self.reason.TRANSPORT_CLOSE)

    def _refuses(self, session: EngineSocket, namespace: str) -> str | None:
        """Return why a session may not connect to a namespace, whoever it is. Upstream only says "Unable to
        connect" of one that is not served, and says it as a text where the clients expect an object."""
        if namespace not in self._served():
            return f"There is no namespace {namespace[:64]} here."
        if self.manager.sid_from_eio_sid(session.sid, namespace) is not None:
            return "This session has connected to this namespace already."
        if session.sid not in self.environ:
            return "This session was connected before. Connect with a new one."
        if session.connects > CONNECTS:
            return f"This session has connected {CONNECTS} times. Connect with a new one."
        return None

    def _only_serves(self, namespace: str) -> bool:
        return self._served() <= {namespace}

    def _served(self) -> set[str]:
        return {*self.handlers, *self.namespace_handlers, *self.namespaces}

    async def _handle_disconnect(self, eio_sid: str, namespace: str, reason: str | None = None) -> None:
        """Extends AsyncServer._handle_disconnect, which leaves open for ever the session of a client that has
        left the namespace."""
        await super()._handle_disconnect(eio_sid, namespace, reason)
        self._left(eio_sid)

    async def disconnect(self, sid: str, namespace: str | None = None, ignore_queue: bool = False) -> None:
        """Extends AsyncServer.disconnect, which leaves open for ever the session of a client that does not go
        by itself."""
        eio_sid = self.manager.eio_sid_from_sid(sid, namespace or "/")
        await super().disconnect(sid, namespace, ignore_queue)
        if eio_sid is not None:
            self._left(eio_sid)

    def _left(self, eio_sid: str) -> None:
        namespaces = list(self.manager.get_namespaces())
        elsewhere = any(self.manager.sid_from_eio_sid(eio_sid, each) for each in namespaces)
        if self._is_open(eio_sid) and not elsewhere:
            self.eio.pending.add(eio_sid, monotonic())

    def _is_open(self, eio_sid: str) -> bool:
        socket = self.eio.sockets.get(eio_sid)
        return socket is not None and not socket.closing

    async def _handle_event(self, eio_sid: str, namespace: str, id: int | None, data: list[Any]) -> None:
        """Replaces AsyncServer._handle_event: a name that upstream reserves is a forgery, one that nobody
        declared is ignored, and neither is written to the log with its text."""
        name = data[0]
        if name in self.reserved_events:
            raise BadInput(f"the event name {name!r} is reserved")
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace)
        if name in self.handlers.get(namespace, {}) and self.manager.is_connected(sid, namespace):
            await self._handle_event_internal(self, sid, eio_sid, data, namespace, id)
        else:
            await self._useless(eio_sid)

    async def _handle_ack(self, eio_sid: str, namespace: str, id: int | None, data: list[Any]) -> None:
        """Extends AsyncServer._handle_ack, which logs a warning for each acknowledgement that nobody waits
        for."""
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace)
        if id in self.manager.callbacks.get(sid, {}):
            await super()._handle_ack(eio_sid, namespace, id, data)
        else:
            await self._useless(eio_sid)

    def _engineio_server_class(self) -> type[EngineServer]:
        return EngineServer
