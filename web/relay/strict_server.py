"""A strict Socket.IO server: events without a handler cost nothing, bad input closes the session that sent
it, and no session stays open without a namespace.

Each method says which upstream behaviour it replaces and why; a unit test fails when upstream changes one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Any

from socketio import packet

from relay.clients import ClientsServer, handling
from relay.delivery.frames import Frame
from relay.transport.attachments import TEXT_TYPES
from relay.transport.packets import BadInput, Opening, arguments_of, opening_of, parse
from relay.transport.session import EngineSocket

CONNECTS = 10
"""How often one session may connect to namespaces, refused or not."""
LONGEST_NAMESPACE = 200
"""Characters of a namespace's name at most, where the application serves any. The names that a session
connects to are kept."""
OF_THE_REQUEST = frozenset({"wsgi.input", "asgi.receive", "asgi.send"})
"""Keys of an environ that are of no use once the handshake is answered."""


class StrictServer(ClientsServer):
    _on_useless: Callable[[str], Awaitable[None]] | None = None

    def on_useless(self, handler: Callable[[str], Awaitable[None]]) -> None:
        """Await `handler` with a client's sid for each of its packets that nobody asked for: an event without
        a handler, an ack that nobody waits for, another CONNECT. Otherwise they are ignored."""
        self._on_useless = handler

    async def count_useless(self, sid: str) -> None:
        """Report work that a client caused for nothing, as `on_useless` is told of packets."""
        if self._on_useless is not None and self.manager.is_connected(sid, self.manager.namespace_of(sid)):
            await self._on_useless(sid)

    async def _handle_eio_message(self, eio_sid: str, data: str | bytes) -> None:
        """Replaces AsyncServer._handle_eio_message: it runs the handlers of `connect` and `disconnect` for
        events of that name with a client's own arguments, keeps attachments without a bound and takes them
        for any placeholder, and raises whatever a malformed packet leads to, or a client that leaves while a
        handler runs."""
        incoming = self.eio.sockets[eio_sid].incoming
        if incoming.half is None and isinstance(data, str) and data[0] not in TEXT_TYPES:
            await self._handle_whole(eio_sid, data)
            return
        with incoming.assembling(data, self.eio.max_http_buffer_size) as whole:
            if whole is not None:
                await self._handle_whole(eio_sid, whole.text, whole.attachments)

    async def _handle_whole(self, eio_sid: str, data: str, attachments: Sequence[bytes] = ()) -> None:
        opening = opening_of(data)
        if opening is not None and self._is_useless(eio_sid, opening):
            await self._useless(eio_sid, opening.namespace)
            return
        handling.set((eio_sid, asyncio.current_task()))
        try:
            if opening is not None and opening.name is not None and not attachments:
                arguments = arguments_of(data, opening)
                await self._handle_event(eio_sid, opening.namespace, opening.id, arguments)
            else:
                pkt = parse(data, attachments)
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
            raise BadInput("an error packet")

    def _is_useless(self, eio_sid: str, opening: Opening) -> bool:
        sid = self.manager.sid_from_eio_sid(eio_sid, opening.namespace)
        if opening.name in self.reserved_events:
            return False  # a forgery
        if not self.manager.is_connected(sid, opening.namespace):
            return True
        if opening.name is None:
            return not self.manager.awaits(sid, opening.id)
        return not self.handles(opening.namespace, opening.name)

    async def _useless(self, eio_sid: str, namespace: str) -> None:
        """Report a packet that nobody asked for, with the client's sid in the packet's namespace, or in
        another one if it is not in that. A session in no namespace is not reported: it is closed soon, see
        transport/pending_sessions.py."""
        for each in (namespace, *self.namespaces_of(eio_sid)):
            sid = self.manager.sid_from_eio_sid(eio_sid, each)
            if self.manager.is_connected(sid, each):
                await self.count_useless(sid)
                return

    def namespaces_of(self, eio_sid: str) -> list[str]:
        """Return the namespaces that a session is in, or is about to be in."""
        session: EngineSocket | None = self.eio.sockets.get(eio_sid)
        asked = () if session is None else session.namespaces
        return [each for each in asked if self.manager.sid_from_eio_sid(eio_sid, each) is not None]

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        """Extends AsyncServer._handle_eio_connect, which keeps the request's own objects together with the
        handshake's headers, and so its connection."""
        kept = {name: value for name, value in environ.items() if name not in OF_THE_REQUEST}
        await super()._handle_eio_connect(eio_sid, kept)

    async def _handle_connect(self, eio_sid: str, namespace: str, data: Any) -> None:
        """Extends AsyncServer._handle_connect. Upstream, a session may connect any number of times; a second
        CONNECT to a namespace is confused with the first while that is decided; the handshake's headers are
        kept while the session lives, also where nobody needs them (`keep_environ`); a session that ended
        while its `connect` handler ran, or whose handler failed, remains a member for ever; and one that was
        disconnected meanwhile is let in."""
        session = self.eio.sockets.get(eio_sid)
        if session is None or session.closing:
            return
        session.connects += 1
        if reason := self._refuses(session, namespace):
            refusal = self.packet_class(packet.CONNECT_ERROR, {"message": reason}, namespace)
            await self._send_packet(eio_sid, refusal)
            await self._useless(eio_sid, namespace)
            return
        if namespace not in session.namespaces:
            session.namespaces += (namespace,)
        session.unwanted = tuple(each for each in session.unwanted if each != namespace)
        failed = True
        try:
            await super()._handle_connect(eio_sid, namespace, data)
            failed = False
        finally:
            if not self.manager.options.keep_environ and self.serves_only(namespace):
                self.environ.pop(eio_sid, None)
            sid = self.manager.sid_from_eio_sid(eio_sid, namespace)
            if failed and sid is not None:
                if self.always_connect:
                    await self._send_packet(eio_sid, packet.Packet(packet.DISCONNECT, namespace=namespace))
                await self.manager.disconnect(sid, namespace, ignore_queue=True)
        if self.manager.is_connected(sid, namespace):
            self.eio.pending.remove(eio_sid)
            if not self._is_open(eio_sid):
                await self._handle_disconnect(eio_sid, namespace, self.reason.TRANSPORT_CLOSE)
            elif namespace in session.unwanted:
                await self.disconnect(sid, namespace, ignore_queue=True)

    async def _trigger_event(self, event: str, namespace: str, *args: Any) -> Any:
        """Extends AsyncServer._trigger_event: who was disconnected during `connect` is refused.
        python-socketio's client overlooks a DISCONNECT that comes together with CONNECT. The handler has
        returned as for any client, so that of `disconnect` is called."""
        answer = await super()._trigger_event(event, namespace, *args)
        if event == "connect" and answer is not False and self._is_unwanted(args[0], namespace):
            await super()._trigger_event("disconnect", namespace, args[0], self.reason.SERVER_DISCONNECT)
            return False
        return answer

    def _is_unwanted(self, sid: str, namespace: str) -> bool:
        session = self.eio.sockets.get(self.manager.eio_sid_from_sid(sid, namespace))
        return session is not None and namespace in session.unwanted

    def _refuses(self, session: EngineSocket, namespace: str) -> str | None:
        """Return why a session may not connect to a namespace. For one that is not served, upstream only says
        "Unable to connect", and as a text where the clients expect an object."""
        if not self.serves(namespace) or len(namespace) > LONGEST_NAMESPACE:
            return f"There is no namespace {namespace[:64]} here."
        if self.manager.sid_from_eio_sid(session.sid, namespace) is not None:
            return "This session has connected to this namespace already."
        if session.sid not in self.environ:
            return "This session was connected before. Connect with a new one."
        if session.connects > CONNECTS:
            return f"This session has connected {CONNECTS} times. Connect with a new one."
        return None

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        """Replaces AsyncServer._handle_eio_disconnect, which looks for the session in every namespace that
        any client is in."""
        for namespace in self.namespaces_of(eio_sid):
            await self._handle_disconnect(eio_sid, namespace, reason)
        self.environ.pop(eio_sid, None)

    async def _handle_disconnect(self, eio_sid: str, namespace: str, reason: str | None = None) -> None:
        """Extends AsyncServer._handle_disconnect, which leaves the session of a client that left the
        namespace open for ever."""
        await super()._handle_disconnect(eio_sid, namespace, reason)
        self._left(eio_sid)

    async def disconnect(self, sid: str, namespace: str | None = None, ignore_queue: bool = False) -> None:
        """Extends AsyncServer.disconnect, which leaves the session of a client that does not close it open
        for ever, and does nothing for a client that is in its `connect` handler: whoever was banned at that
        moment stayed. Such a client is refused when the handler has returned."""
        eio_sid = self.manager.eio_sid_from_sid(sid, namespace or "/")
        if self.manager.is_pre_connected(sid, namespace or "/"):
            session = self.eio.sockets.get(eio_sid)
            if session is not None and (namespace or "/") not in session.unwanted:
                session.unwanted += (namespace or "/",)
            return
        await super().disconnect(sid, namespace, ignore_queue)
        if eio_sid is not None:
            self._left(eio_sid)

    def _left(self, eio_sid: str) -> None:
        if self._is_open(eio_sid) and not self.namespaces_of(eio_sid):
            self.eio.pending.add(eio_sid, monotonic())

    def _is_open(self, eio_sid: str) -> bool:
        socket = self.eio.sockets.get(eio_sid)
        return socket is not None and not socket.closing

    async def _handle_event(self, eio_sid: str, namespace: str, id: int | None, data: list[Any]) -> None:
        """Replaces AsyncServer._handle_event. Here a reserved name closes the session, a name that nobody
        handles is ignored, and neither is written to the log with its text."""
        name = data[0]
        if name in self.reserved_events:
            raise BadInput(f"the event name {name!r} is reserved")
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace)
        if not (self.handles(namespace, name) and self.manager.is_connected(sid, namespace)):
            await self._useless(eio_sid, namespace)
            return
        answer = await self._trigger_event(name, namespace, sid, *data[1:])
        if id is not None and answer is not self.not_handled:
            arguments = () if answer is None else answer if isinstance(answer, tuple) else (answer,)
            self._answer(eio_sid, namespace, id, arguments)

    def _answer(self, eio_sid: str, namespace: str, id: int, arguments: Sequence[Any]) -> None:
        """Send the answer to an event, unless its client has left. Raises as RelayPacket.encode does."""
        session: EngineSocket | None = self.eio.sockets.get(eio_sid)
        if session is not None:
            session.send_frame(Frame.ack(id, arguments, namespace))

    async def _handle_ack(self, eio_sid: str, namespace: str, id: int | None, data: list[Any]) -> None:
        """Extends AsyncServer._handle_ack, which logs a warning for each ack that nobody waits for."""
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace)
        if self.manager.awaits(sid, id):
            await super()._handle_ack(eio_sid, namespace, id, data)
        else:
            await self._useless(eio_sid, namespace)
