"""Requests on their way to engineio: which of them it never sees, and how they are answered.

Each method says which upstream behaviour it replaces and why; a unit test fails when upstream changes one.
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import engineio
from starlette.types import Message, Receive, Scope, Send

from relay.delivery.frames import Frame
from relay.transport.environ import translate_request
from relay.transport.origin import Origin, refuse_origin
from relay.transport.request_filter import METHODS, opens_websocket, query_of, refuse
from relay.transport.sid import current_route, route_of

OTHERS = "allowed_origins, one of the Relay's options, names the other sites whose pages may connect"


class RequestServer(engineio.AsyncServer):  # type: ignore[misc]
    def __init__(self, allowed_origins: Iterable[str], **options: Any) -> None:
        """`allowed_origins`: besides the server's own; the other options are upstream's."""
        super().__init__(async_mode="asgi", **options)
        self.allowed_origins = frozenset(map(Origin.parse, allowed_origins))

    async def handle_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Extends AsyncServer.handle_request. Upstream answers 500 to a request whose client has gone, and to
        one that came another way than its `transport` says; it speaks JSONP, which pages of other origins can
        read and no client uses any more; it compares origins as they are written; and it logs each wrong
        method. A session that is opened on a WebSocket takes its way alone: upstream's examines the request
        once more, 5 % of what a connect costs."""
        first = await receive()
        if first["type"] not in ("http.request", "websocket.connect"):
            return

        async def replay() -> Message:
            nonlocal first
            message, first = first, {}
            return message or await receive()

        query = query_of(scope)
        refusal = refuse(scope, query)
        if not refusal and (foreign := refuse_origin(scope, self.allowed_origins)):
            self._log_error_once(f"{foreign} ({OTHERS})", "bad-origin")
            refusal = 400, foreign
        if refusal:
            return await self._answer(refusal, scope, replay, send)
        current_route.set(route_of(scope.get("server")))
        if opens_websocket(scope, query) and "websocket" in self.transports:
            environ = await translate_request(scope, replay, send)
            answer = await self._handle_connect(environ, "websocket")
            if isinstance(answer, dict):
                await self._make_response(answer, environ)
            return
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

    def _ok(
        self,
        packets: list[Frame] | None = None,
        headers: list[tuple[str, str]] | None = None,
        jsonp_index: int | None = None,
    ) -> Any:
        """Extends BaseServer._ok, which encodes what a poll is answered with: our frames are encoded
        already. And what a client sends is answered "OK" there; the protocol says "ok"."""
        answer = super()._ok(None if packets is None else [], headers)
        answer["response"] = b"ok" if packets is None else b"\x1e".join([frame.packet for frame in packets])
        return answer

    def _cors_allowed_origins(self, environ: dict[str, Any]) -> list[str]:
        """Replaces BaseServer._cors_allowed_origins, whose caller compares the Origin header as it is
        written. Returns that header if its page may be answered."""
        if refuse_origin(environ["asgi.scope"], self.allowed_origins):
            return []
        return [environ.get("HTTP_ORIGIN", "")]

    def _log_error_once(self, message: str, message_key: str) -> None:
        """Replaces BaseServer._log_error_once, which logs an error. Here it is one warning for each kind of
        bad request, as a hint to the operator: clients must not be able to fill the log."""
        if message_key not in self.log_message_keys:
            self.log_message_keys.add(message_key)
            # Messages of the other kinds hold session ids, which are secrets.
            said = message if message_key == "bad-origin" else message_key
            self.logger.warning("Refused a request: %s (said once for this reason)", said)
