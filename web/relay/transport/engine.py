"""The Engine.IO server: python-engineio behind a front door, and with one service for all sessions.

Each method says which upstream behaviour it replaces and why; a unit test fails when upstream changes one.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from http import HTTPStatus
from time import monotonic
from typing import Any

import engineio
from engineio import packet
from starlette.types import Message, Receive, Scope, Send

from relay.delivery.buffers import Buffers
from relay.delivery.frames import Frame
from relay.transport.environ import translate_request
from relay.transport.handshake import Handshake
from relay.transport.origin import Origin, refuse_origin
from relay.transport.pending_sessions import Full, PendingSessions
from relay.transport.poll_responses import PollResponses
from relay.transport.polls import mark_of
from relay.transport.request_filter import METHODS, refuse, too_many, unavailable
from relay.transport.session import EngineSocket
from relay.transport.sid import current_route, new_sid, route_of

logger = logging.getLogger(__name__)

SERVICE = 1.0
"""Seconds between two looks after the sessions: what pings are late by at most."""
YIELD_EVERY = 100
"""Sessions closed before other tasks get a turn; that takes a few milliseconds."""
SOFT_LIMIT = 16
"""Above one part in so many of its send buffer, droppable events are skipped for a client."""


def host_of(client: Any) -> str:
    """Return the address in an ASGI scope's `client`; empty if there is none (a Unix socket)."""
    return str(client[0]) if client else ""


class EngineServer(engineio.AsyncServer):  # type: ignore[misc]
    """All Engine.IO sessions of this worker."""

    _async: dict[str, Any]
    start_service_task: bool

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
        super().__init__(async_mode="asgi", **options)
        self.buffers = Buffers(
            max_buffered_bytes, lambda: [*self.sockets.values(), *self.responses.under_way]
        )
        self.responses = PollResponses(self.buffers)
        self._async = {
            **self._async,
            "translate_request": translate_request,
            "websocket": Handshake,
            "make_response": self.responses.respond,
        }
        self.allowed_origins = frozenset(map(Origin.parse, allowed_origins))
        self.send_buffer_bytes = send_buffer_bytes
        self.soft_limit = send_buffer_bytes // SOFT_LIMIT
        self.draining = False
        """Whether this worker ends: it takes no new sessions; see draining.py."""
        self.slow_readers = 0
        """How many clients were disconnected because they read too slowly."""
        self.max_sessions = max_sessions
        self.pending = PendingSessions(max_sessions // 2, pending_seconds)
        self.max_sessions_of_address = max_sessions_of_address or max_sessions
        self.sessions_of: Counter[str] = Counter()
        """How many sessions each address has; nothing for one that has none."""
        self._address_of = address_of
        self.evictions = 0
        """How many pending sessions were closed to make room, or because their time was over."""

    async def handle_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Extends AsyncServer.handle_request, which fails with 500 on a request whose client has gone, and on
        one whose `transport` is not the way it came; which still speaks JSONP (readable across origins, gone
        from the clients); which compares origins as they are written; and which logs each wrong
        method."""
        first = await receive()
        if first["type"] not in ("http.request", "websocket.connect"):
            return

        async def replay() -> Message:
            nonlocal first
            message, first = first, {}
            return message or await receive()

        refusal = refuse(scope)
        if not refusal and (foreign := refuse_origin(scope, self.allowed_origins)):
            self._log_error_once(foreign, "bad-origin")
            refusal = 400, foreign
        if refusal:
            return await self._answer(refusal, scope, replay, send)
        current_route.set(route_of(scope.get("server")))
        await super().handle_request(scope, replay, send)

    async def _answer(self, refusal: tuple[int, str], scope: Scope, receive: Receive, send: Send) -> None:
        environ = await translate_request(scope, receive, send)
        status, sentence = refusal
        response = self._refusal(status, sentence)
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            response["headers"].append(("Allow", ", ".join(METHODS)))
        await self._make_response(response, environ)

    def _refusal(self, status: int, sentence: str) -> dict[str, Any]:
        return {**self._bad_request(sentence), "status": f"{status} {HTTPStatus(status).phrase}"}

    async def _handle_connect(
        self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None
    ) -> Any:
        """Replaces AsyncServer._handle_connect, which creates an AsyncSocket by name; the same with an
        EngineSocket, without cookies, JSONP and refusal (ours are refused at the Socket.IO level, with a
        reason), unless there are too many sessions. While draining nobody comes in: at a 503 the proxy asks
        another worker. At a 429 it does not, so that an address has no more of them for more workers."""
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
        sid = self.generate_id()
        socket = self.sockets[sid] = EngineSocket(self, sid, address)
        self.sessions_of[address] += 1
        self.pending.add(sid, now)
        opening = {
            "sid": sid,
            "upgrades": self._upgrades(sid, transport),
            "pingTimeout": int(self.ping_timeout * 1000),
            "pingInterval": int(self.ping_interval * 1000),
            "maxPayload": self.max_http_buffer_size,
        }
        await socket.send(packet.Packet(packet.OPEN, opening))
        await self._trigger_event("connect", sid, environ)
        socket.schedule_ping()
        if transport == "polling":
            socket.connected = True
            socket.polls.opened(mark_of(environ))
            return self._ok(await socket.poll(environ))
        answer = await socket.handle_get_request(environ)
        if socket.closed:
            self.sockets.pop(sid, None)
        return answer

    def forget(self, socket: EngineSocket) -> None:
        """Count a session no more, which ends."""
        self.sockets.pop(socket.sid, None)
        self.pending.remove(socket.sid)
        self.sessions_of[socket.address] -= 1
        if not self.sessions_of[socket.address]:
            del self.sessions_of[socket.address]

    async def _service_task(self) -> None:
        """Replaces AsyncServer._service_task, which looks for ping timeouts only, waking up for each session:
        pings all sessions, so that none needs a task for it, ends those that joined nothing in time, and
        forgets the closed ones."""
        self.service_task_event = self.create_event()
        while not self.service_task_event.is_set():
            try:
                await self._look_after_all(monotonic())
            except Exception:
                self.logger.exception("Looking after the sessions failed; going on")
            with suppress(TimeoutError):
                async with asyncio.timeout(SERVICE):
                    await self.service_task_event.wait()

    async def _look_after_all(self, now: float) -> None:
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

    def generate_id(self) -> str:
        """Replaces BaseServer.generate_id, whose ids name no worker. Also called for Socket.IO's own ids,
        which gain nothing from a route and lose nothing by it."""
        return new_sid()

    def _ok(
        self,
        packets: list[Frame] | None = None,
        headers: list[tuple[str, str]] | None = None,
        jsonp_index: int | None = None,
    ) -> Any:
        """Extends BaseServer._ok, which writes down what a poll is answered with: ours is written."""
        answer = super()._ok(None if packets is None else [], headers)
        if packets is not None:
            answer["response"] = b"\x1e".join([frame.packet for frame in packets])
        return answer

    def _cors_allowed_origins(self, environ: dict[str, Any]) -> list[str]:
        """Replaces BaseServer._cors_allowed_origins, whose caller looks for the Origin header as it is
        written: that one if its page may be answered."""
        if refuse_origin(environ["asgi.scope"], self.allowed_origins):
            return []
        return [environ.get("HTTP_ORIGIN", "")]

    def _log_error_once(self, message: str, message_key: str) -> None:
        """Replaces BaseServer._log_error_once: one warning per kind of bad request, as a hint to the
        operator; what a client does wrong is no error of ours, and must not fill the log."""
        if message_key not in self.log_message_keys:
            self.log_message_keys.add(message_key)
            # Messages of the other kinds hold session ids, which are secrets.
            said = message if message_key == "bad-origin" else message_key
            self.logger.warning("Refused a request: %s (said once for this reason)", said)
