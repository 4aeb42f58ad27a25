"""The server that an application makes: Socket.IO as an ASGI application, with the options of its Relay."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from socketio import packet
from starlette.types import Receive, Scope, Send

from relay.admin.ui import AdminUI
from relay.delivery.binary import RelayPacket
from relay.draining import drain
from relay.expiry import ExpiringServer
from relay.handlers import ANY, checked_namespaces
from relay.local_manager import LocalManager
from relay.manager import RelayManager
from relay.server_options import TRANSPORTS, check_manager, checked_transports, refuse
from relay.signals import Signals
from relay.stats import Stats
from relay.support import utf8_json
from relay.transport.engine import EngineServer
from relay.transport.large_answers import NotRead
from relay.transport.session import MOVED, EngineSocket
from relay.transport.sid import log_name
from relay.transport.uvicorn_setup import check_protocol, check_uvicorn

logger = logging.getLogger(__name__)

LAST_WORD = 0.3
"""Seconds between a client's last answer and its disconnection: python-socketio's client, on Python 3.14,
loses an answer that comes together with it."""
LARGE_ANSWERS = 8
"""Large answers that are made at a time. What is read for one may take 3 MB, a multiple of what is sent."""


class RelayServer(ExpiringServer):
    """An ASGI application that serves Socket.IO at whatever path it is routed to."""

    def __init__(
        self,
        manager: LocalManager | RelayManager,
        *,
        namespaces: str | Iterable[str] | None = None,
        always_connect: bool = False,
        transports: str | Iterable[str] = TRANSPORTS,
        allow_upgrades: bool = True,
        cors_credentials: bool = True,
        drain_seconds: float | None = None,
        **refused: Any,
    ) -> None:
        """`manager`: the one of a Relay. `namespaces`: those that clients may connect to, besides those for
        which a handler is declared by their name; "*" for any, None for "/". `drain_seconds`: at SIGTERM and
        SIGINT `drain` so long before uvicorn ends; a second signal ends it at once. None: uvicorn ends at
        once. The other options are those of python-socketio. Raises TypeError for those that there are not,
        with what to use instead, and ValueError for values that mean nothing."""
        check_manager(manager)
        refuse(refused)
        allowed = checked_transports(transports)
        options = manager.options
        served = "/" if namespaces is None else namespaces
        self._signals: Signals | None = None
        if drain_seconds is not None:
            if drain_seconds < 0:
                raise ValueError(f"drain_seconds is 0 or more seconds, or None, not {drain_seconds}.")
            self._signals = Signals(partial(self.drain, drain_seconds))
        self._large_answers = asyncio.Semaphore(LARGE_ANSWERS)
        self._stopped = False
        self._admin_ui: AdminUI | None = None
        # Upstream logs every packet at `info`, with what people say and the session ids.
        upstream = logging.getLogger("socketio")
        upstream.setLevel(max(upstream.level, logging.WARNING))
        super().__init__(
            client_manager=manager,
            namespaces=ANY if served == ANY else checked_namespaces(served),
            always_connect=always_connect,
            transports=allowed,
            allow_upgrades=allow_upgrades and "websocket" in allowed,
            cors_credentials=cors_credentials,
            logger=upstream,
            engineio_logger=upstream,
            json=utf8_json,
            serializer=RelayPacket,
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
            # Answers are small. And the length of a compressed answer tells of secrets that are compressed
            # with text of others (BREACH).
            http_compression=False,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.handle_request(scope, receive, send)

    async def handle_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Extends AsyncServer.handle_request. Raises RuntimeError if the server was not started, or if the
        request came by another protocol than the relay's."""
        if not self.started:
            raise RuntimeError(
                "Await server.start() when the application starts, in its lifespan, and server.stop() when "
                "it ends. An ASGIApp that is mounted in another application never runs its on_startup."
            )
        check_protocol(scope)
        await super().handle_request(scope, receive, send)

    async def start(self) -> None:
        """Start what runs in the background. Upstream does so with the first client, so that a worker without
        clients never learns whether it receives what other workers send. A server in memory may be started
        again after `stop`, also in another event loop; one on Redis may not. Raises RuntimeError for this, if
        it runs already, and if uvicorn has not `http=RelayHttp`, has `--workers`, or takes shorter messages
        than `max_message_bytes`. Raises WrongRedis if Redis is not what the relay needs. While it does not
        answer, the worker starts and is not ready."""
        if self._stopped:
            self._restart()
        elif self.started:
            raise RuntimeError(
                "server.start() was awaited before. Await it once, in the application's lifespan."
            )
        try:
            check_uvicorn(self.eio.max_http_buffer_size)
        except RuntimeError as problem:
            logger.critical("%s", problem)  # socketio.ASGIApp only says that the start failed
            raise
        await self.manager.examine()
        self.manager_initialized: bool = True
        self.manager.initialize()
        if self._admin_ui is not None:
            self._admin_ui.start()
        if self._signals is not None:
            self._signals.catch()

    def _restart(self) -> None:
        if isinstance(self.manager, RelayManager):
            raise RuntimeError(
                "This server was stopped, and its connections to Redis are closed. Make another Relay and "
                "another RelayServer. In memory, as for tests, a server may be started again."
            )
        self.eio.restart()
        self._stopped = False

    @property
    def started(self) -> bool:
        """Whether `start` was awaited."""
        return bool(self.manager_initialized)

    @property
    def draining(self) -> bool:
        """Whether this worker ends, and takes no new sessions: from `drain` until the process ends, also in
        the last `disconnect` handlers."""
        return bool(self.eio.draining)

    async def drain(self, seconds: float) -> None:
        """Move the clients to other workers, because this one ends. Upstream's `shutdown` does not tell them.
        New sessions are refused with 503. Each client is told `moved {within}`, and its connection is closed
        `within` seconds later, when its answers were read. `seconds`: within how many the last client is
        told, so that they don't all connect at once; sooner when there are few. This returns at most 8 s
        later. 0 closes all connections at once, for a worker that is the only one."""
        await drain(self, seconds)

    async def close_sessions(self) -> None:
        """Close every session at once. Clients see that the transport broke, and connect again."""
        for socket in list(self.eio.sockets.values()):
            await socket.close(abort=True, reason=MOVED)

    def log_name(self, sid: str) -> str:
        """Return the name of a client's session in the log, with which nobody can act for it. The client is
        on this worker."""
        session = self._session_of(sid)
        assert session is not None
        return log_name(session)

    async def disconnect_for_good(self, sid: str, reason: str) -> None:
        """Disconnect a client after 0.3 s, with a packet after which the official clients do not connect
        again by themselves. `reason`: what the `disconnect` handler gets."""
        await asyncio.sleep(LAST_WORD)
        namespace = self.manager.namespace_of(sid)
        if self.manager.is_pre_connected(sid, namespace):
            await self.disconnect(sid, namespace)
        elif self.manager.is_connected(sid, namespace):
            socket = self.eio.sockets[self._session_of(sid)]
            await self._send_packet(socket.sid, packet.Packet(packet.DISCONNECT, namespace=namespace))
            await socket.close(reason=reason)

    async def stop(self) -> None:
        """Close every session, stop what the server itself runs in the background, and close the connections
        to Redis. Tasks of the application go on, those of `start_background_task` too. When this returns,
        every `disconnect` handler has run: uvicorn breaks WebSockets before, and nobody else ends the session
        of a client that polls. A second time it does nothing."""
        if self._stopped:
            return
        self._stopped = True
        if self._signals is not None:
            self._signals.release()
        await self.close_sessions()
        if self._admin_ui is not None:
            await self._admin_ui.shutdown()
        await self.shutdown()
        await self.manager.stop()

    @asynccontextmanager
    async def large_answer(self, sid: str) -> AsyncIterator[None]:
        """Surround the making of an answer of more than a few kilobytes. Waits until the client has read its
        last ones, and until few other large answers are made. Raises NotRead."""
        session: EngineSocket | None = self.eio.sockets.get(self._session_of(sid))
        if session is None:  # it has ended, so that no answer would reach it
            raise NotRead
        # A client in the middle of an upgrade reads nothing until what it posted is answered. The two would
        # wait for each other for READ_TIMEOUT.
        making = session.large_answers.make(lambda: session.unsent, lambda: not session.upgrading)
        async with making, self._large_answers:
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
            slow_readers=self.eio.slow_readers.disconnected,
            on_redis=self.manager.on_redis(),
        )

    def instrument(
        self,
        auth: Any = None,
        mode: str = "development",
        read_only: bool = False,
        server_id: str | None = None,
        namespace: str = "/admin",
        server_stats_interval: float = 2,
    ) -> AdminUI:
        """Replaces AsyncServer.instrument, which wraps methods that the relay has replaced. Its arguments are
        the same, and the official Admin UI shows the clients of all workers. Call it once, before `start`, on
        every worker alike. Raises RuntimeError if it is too late, and ValueError for arguments that mean
        nothing."""
        if self._admin_ui is not None:
            raise RuntimeError("instrument was called already: an application has one Admin UI.")
        self._admin_ui = AdminUI(
            self,
            auth=auth,
            mode=mode,
            read_only=read_only,
            server_id=server_id,
            namespace=namespace,
            interval=server_stats_interval,
        )
        return self._admin_ui

    def _engineio_server_class(self) -> type[EngineServer]:
        return EngineServer
