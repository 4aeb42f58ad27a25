"""The Engine.IO server: it opens sessions within their limits, and one service task looks after all of them.

Each method says which upstream behaviour it replaces and why; a unit test fails when upstream changes one.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from time import monotonic
from typing import Any

from engineio import packet

from relay.delivery.buffers import Buffers
from relay.transport.bad_input import BadInputLog
from relay.transport.environ import translate_request
from relay.transport.handshake import Handshake, accept
from relay.transport.pending_sessions import Full, PendingSessions
from relay.transport.poll_responses import PollResponses
from relay.transport.polls import mark_of
from relay.transport.request_filter import too_many, unavailable
from relay.transport.requests import RequestServer
from relay.transport.session import EngineSocket
from relay.transport.sid import new_sid
from relay.transport.slow_readers import SlowReaders

logger = logging.getLogger(__name__)

SERVICE = 1.0
"""Seconds between two checks of all sessions. Pings are late by that at most."""
YIELD_EVERY = 100
"""Sessions closed before other tasks get a turn; that takes a few milliseconds."""


def host_of(client: Any) -> str:
    """Return the address in an ASGI scope's `client`; empty if there is none (a Unix socket)."""
    return str(client[0]) if client else ""


class EngineServer(RequestServer):
    """All Engine.IO sessions of this worker."""

    _async: dict[str, Any]
    start_service_task: bool
    service_task_event: Any

    def __init__(
        self,
        *,
        allowed_origins: Iterable[str],
        send_buffer_bytes: int,
        max_sessions: int,
        max_buffered_bytes: int,
        max_sessions_of_address: int | None,
        address_of: Callable[[Any], str],
        pending_seconds: float,
        **options: Any,
    ) -> None:
        """See relay.Options; the other options are upstream's."""
        super().__init__(allowed_origins, **options)
        self.buffers = Buffers(
            max_buffered_bytes, lambda: [*self.sockets.values(), *self.responses.under_way]
        )
        self.slow_readers = SlowReaders(send_buffer_bytes)
        self.bad_input = BadInputLog()
        self.responses = PollResponses(self.buffers, self.slow_readers)
        self._async = {
            **self._async,
            "translate_request": translate_request,
            "websocket": Handshake,
            "make_response": self.responses.respond,
        }
        self.session_class = EngineSocket
        """What sessions are made of."""
        self.draining = False
        """Whether this worker ends: it takes no new sessions; see draining.py."""
        self.max_sessions = max_sessions
        self.pending = PendingSessions(max_sessions // 2, pending_seconds)
        self.max_sessions_of_address = max_sessions_of_address or max_sessions
        self.sessions_of: Counter[str] = Counter()
        """How many sessions each address has. Addresses without any are not in it."""
        self._address_of = address_of
        self.on_expired: Callable[[EngineSocket], None] = lambda session: None
        """Called with each session whose time is over; see RelayServer.expire."""
        self.evictions = 0
        """How many pending sessions were closed to make room, or because their time was over."""

    async def _handle_connect(
        self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None
    ) -> Any:
        """Replaces AsyncServer._handle_connect, which makes an AsyncSocket by name. This makes an
        EngineSocket, without cookies and JSONP. Clients are refused at the Socket.IO level, with a reason;
        here only when there are too many sessions, or while draining. At a 503 the proxy asks another worker.
        At a 429 it does not, so that more workers do not mean more sessions for one address."""
        if self.draining:
            return unavailable("draining", "This worker ends. Connect again; another one takes you.")
        address = self._address_of(environ["asgi.scope"].get("client"))
        if self.sessions_of[address] >= self.max_sessions_of_address:
            return too_many(f"{self.max_sessions_of_address} sessions of this address are open, the most.")
        now = monotonic()
        try:
            if len(self.sockets) >= self.max_sessions:
                raise Full
            if evicted := self.pending.evict(now):
                await self._evict(evicted)
        except Full:
            return unavailable("full", "This worker has as many sessions as it takes. Try again in a moment.")
        if self.start_service_task:
            self.start_service_task = False
            self.service_task_handle = self.start_background_task(self._service_task)
        sid = new_sid()  # upstream's names no worker
        socket = self.sockets[sid] = self.session_class(self, sid, address)
        self.sessions_of[address] += 1
        self.pending.add(sid, now)
        opening = {
            "sid": sid,
            "upgrades": self._upgrades(sid, transport),
            "pingTimeout": int(self.ping_timeout * 1000),
            "pingInterval": int(self.ping_interval * 1000),
            "maxPayload": self.max_http_buffer_size,
        }
        if transport == "websocket":
            socket.open_on(accept(environ["asgi.scope"], self.buffers))
        await socket.send(packet.Packet(packet.OPEN, opening))
        await self.handlers["connect"](sid, environ)
        socket.schedule_ping()
        if transport == "websocket":
            return None
        socket.connected = True
        socket.polls.opened(mark_of(environ))
        return self._ok(await socket.poll(environ))

    async def send_packet(self, sid: str, pkt: packet.Packet) -> None:
        """Replaces AsyncServer.send_packet, which logs the id of a session that has just ended, once for each
        packet: where many clients leave and each is told to the others, thousands of times."""
        if (socket := self.sockets.get(sid)) is not None and not socket.closed:
            await socket.send(pkt)

    def restart(self) -> None:
        """Take sessions again after `shutdown`. Upstream's service task, once ended, never begins again."""
        self.draining = False
        self.start_service_task, self.service_task_event = True, None

    def forget(self, socket: EngineSocket) -> None:
        """Stop counting a session: it ends."""
        self.sockets.pop(socket.sid, None)
        self.pending.remove(socket.sid)
        self.sessions_of[socket.address] -= 1
        if not self.sessions_of[socket.address]:
            del self.sessions_of[socket.address]

    async def _service_task(self) -> None:
        """Replaces AsyncServer._service_task, which checks for ping timeouts only and wakes up for each
        session. This also pings all sessions, so that none needs a task for it, closes those that stay
        pending too long, and forgets the closed ones."""
        self.service_task_event = self.create_event()
        while not self.service_task_event.is_set():
            try:
                await self._check_all(monotonic())
            except Exception:
                self.logger.exception("Looking after the sessions failed; going on")
            with suppress(TimeoutError):
                async with asyncio.timeout(SERVICE):
                    await self.service_task_event.wait()

    async def _check_all(self, now: float) -> None:
        for socket in list(self.sockets.values()):
            if socket.closed:
                self.sockets.pop(socket.sid, None)
            else:
                await socket.check(now)
        before = self.evictions
        for sid in self.pending.expired(now):
            await self._evict(sid)
            if (self.evictions - before) % YIELD_EVERY == 0:
                await asyncio.sleep(0)
        if self.evictions > before:
            logger.info("Ended %d sessions that had joined no namespace", self.evictions - before)

    async def _evict(self, sid: str) -> None:
        if (socket := self.sockets.get(sid)) is not None:
            self.evictions += 1
            await socket.evict()
