"""The Engine.IO server and its sessions: python-engineio with a front door that answers 4xx to bad input.

Each method says which upstream behaviour it replaces and why; a unit test fails when upstream changes one.
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

import engineio
from engineio import packet
from engineio.async_drivers.asgi import WebSocket, make_response
from engineio.async_socket import AsyncSocket
from starlette.types import Message, Receive, Scope, Send

from relay.packets import BadInput, check_frame, split_payload
from relay.routing import current_route, new_sid, route_of

METHODS = ("GET", "POST", "OPTIONS")


class CheckedWebSocket(WebSocket):  # type: ignore[misc]
    """A WebSocket whose frames are checked before engineio parses them."""

    async def wait(self) -> str:
        """Replaces WebSocket.wait: engineio parses a frame outside of any `try`, so that a malformed one
        ended the ASGI call with a traceback and left its session and writer behind. OSError is how upstream
        is told of a connection that broke, and ends the session."""
        try:
            return check_frame(await super().wait())
        except BadInput as error:
            raise OSError(str(error)) from None


class EngineSocket(AsyncSocket):  # type: ignore[misc]
    """One Engine.IO session."""

    upgrading: bool
    upgraded: bool

    async def handle_post_request(self, environ: dict[str, Any]) -> None:
        """Replaces AsyncSocket.handle_post_request: it answered 200 to what it could not decode, with a
        traceback in the log, and dropped the packets that came with it."""
        try:
            for pkt in split_payload(await self._read(environ)):
                if not self.closed:
                    await self.receive(pkt)
        except BadInput:
            # The caller answers 500 when the session was closed and removed meanwhile; it removes it itself.
            self.server.sockets[self.sid] = self
            raise

    async def _read(self, environ: dict[str, Any]) -> bytes:
        """Return the body; upstream trusts Content-Length, and reads nothing of a chunked body, which has
        none."""
        limit = self.server.max_http_buffer_size
        body: bytes = await environ["wsgi.input"].read(limit + 1)
        if len(body) > limit:
            raise BadInput(f"the body is larger than {limit} bytes")
        if environ.get("CONTENT_LENGTH", str(len(body))) != str(len(body)):
            raise BadInput("the body is shorter than announced")
        return body

    async def receive(self, pkt: packet.Packet) -> None:
        """Replaces AsyncSocket.receive for messages: upstream logs each with its text, and a traceback
        instead of an error to its sender when the Socket.IO layer refuses one."""
        if pkt.packet_type != packet.MESSAGE:
            await super().receive(pkt)
        else:
            await self.server.handlers["message"](self.sid, pkt.data)

    async def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None:
        """Extends AsyncSocket.close: by default it waits until the client has read everything, which one that
        does not poll never does; and it leaves the poll of a client that said goodbye open for 45 s."""
        await super().close(wait=False, abort=abort, reason=reason)
        if abort:
            self.queue.put_nowait(packet.Packet(packet.NOOP))

    async def _upgrade_websocket(self, environ: dict[str, Any]) -> Any:
        """Replaces AsyncSocket._upgrade_websocket: two upgrades at once were possible, and a WebSocket lost
        before its first probe left the session `upgrading`, so that its polls were answered at once with
        nothing, for ever."""
        if self.upgrading or self.upgraded:
            return self.server._bad_request("The session is being upgraded already")
        try:
            return await super()._upgrade_websocket(environ)
        finally:
            if not self.upgraded:
                self.upgrading = False


class EngineServer(engineio.AsyncServer):  # type: ignore[misc]
    """All Engine.IO sessions of this worker."""

    _async: dict[str, Any]
    start_service_task: bool

    def __init__(self, allowed_origins: Iterable[str] = (), **options: Any) -> None:
        super().__init__(async_mode="asgi", **options)
        self._async = {**self._async, "websocket": CheckedWebSocket, "make_response": respond}
        self.allowed_origins = frozenset(allowed_origins)

    async def handle_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Extends AsyncServer.handle_request, which fails with 500 on a request whose client has gone, and on
        one whose `transport` is not the way it came; which still speaks JSONP (readable across origins, gone
        from the clients); and which logs each wrong method."""
        first = await receive()
        if first["type"] not in ("http.request", "websocket.connect"):
            return

        async def replay() -> Message:
            nonlocal first
            message, first = first, {}
            return message or await receive()

        refusal = refuse(scope)
        if refusal:
            return await self._answer(refusal, scope, replay, send)
        current_route.set(route_of(scope.get("server")))
        await super().handle_request(scope, replay, send)

    async def _answer(self, refusal: tuple[int, str], scope: Scope, receive: Receive, send: Send) -> None:
        environ = await self._async["translate_request"](scope, receive, send)
        status, sentence = refusal
        response = self._bad_request(sentence)
        response["status"] = f"{status} {HTTPStatus(status).phrase}"
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            response["headers"].append(("Allow", ", ".join(METHODS)))
        await self._make_response(response, environ)

    async def _handle_connect(
        self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None
    ) -> Any:
        """Replaces AsyncServer._handle_connect, which creates an AsyncSocket by name; the same with an
        EngineSocket, without cookies, JSONP and refusal (ours are refused at the Socket.IO level, with a
        reason)."""
        if self.start_service_task:
            self.start_service_task = False
            self.service_task_handle = self.start_background_task(self._service_task)
        sid = self.generate_id()
        socket = self.sockets[sid] = EngineSocket(self, sid)
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
            return self._ok(await socket.poll())
        answer = await socket.handle_get_request(environ)
        if socket.closed:
            self.sockets.pop(sid, None)
        return answer

    def generate_id(self) -> str:
        """Replaces BaseServer.generate_id, whose ids name no worker. Also called for Socket.IO's own ids,
        which gain nothing from a route and lose nothing by it."""
        return new_sid()

    def _cors_allowed_origins(self, environ: dict[str, Any]) -> list[str]:
        """Extends BaseServer._cors_allowed_origins, where a list takes the place of the same origin and '*'
        allows all: the same origin always, and those of the setting."""
        return [*super()._cors_allowed_origins(environ), *self.allowed_origins]

    def _log_error_once(self, message: str, message_key: str) -> None:
        """Replaces BaseServer._log_error_once: one warning per kind of bad request, as a hint to the
        operator; what a client does wrong is no error of ours, and must not fill the log."""
        if message_key not in self.log_message_keys:
            self.log_message_keys.add(message_key)
            # Messages of the other kinds hold session ids, which are secrets.
            said = message if message_key == "bad-origin" else message_key
            self.logger.warning("Refused a request: %s (said once for this reason)", said)


async def respond(
    status: str, headers: list[tuple[str, str]], payload: bytes, environ: dict[str, Any]
) -> None:
    """Extends engineio's make_response, which refuses any WebSocket with a bare 403: with the status and the
    sentence."""
    scope = environ["asgi.scope"]
    if scope["type"] == "websocket" and "websocket.http.response" in scope.get("extensions", {}):
        lines = [(name.encode(), value.encode()) for name, value in headers]
        start = {"type": "websocket.http.response.start", "status": int(status[:3]), "headers": lines}
        await environ["asgi.send"](start)
        await environ["asgi.send"]({"type": "websocket.http.response.body", "body": payload})
    else:
        await make_response(status, headers, payload, environ)


def refuse(scope: Scope) -> tuple[int, str] | None:
    """Return why engineio must not see a request, as (HTTP status, sentence); None if it may."""
    method = scope.get("method", "GET")
    if method not in METHODS:
        return 405, f"Method {method} not allowed; use {', '.join(METHODS)}"
    if method == "OPTIONS":
        return None
    query = parse_qs(scope["query_string"].decode("latin-1"))
    if "j" in query:
        return 400, "JSONP is not supported"
    transport = query.get("transport", ["polling"])[0]
    if transport not in ("polling", "websocket"):
        return 400, "Invalid transport; expected polling or websocket"
    if transport != ("websocket" if scope["type"] == "websocket" else "polling"):
        return 400, f"Transport {transport} asked for in a request of another kind"
    return None
