"""The requests: the id under which each is logged, here and by nginx; and a line of each without nginx."""

import logging
import re
import secrets
from contextvars import ContextVar
from time import perf_counter

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

ID = re.compile(r"[0-9a-f]{32}")
"""As nginx makes them ($request_id)."""
QUIET = ("/sio/", "/health", "/static/", "/socket.io/")
"""Where requests say nothing new when they go well; as in nginx/snippets/logging.conf."""
SECRET = re.compile(r"^(/ticket/).*", re.DOTALL)
"""What stands behind this in a path lets its bearer in; as in nginx/snippets/logging.conf."""

current: ContextVar[str | None] = ContextVar("request", default=None)
"""The id of the request that is being answered."""


class Requests:
    """ASGI middleware. `logged`: write a line of each request when it is answered."""

    def __init__(self, app: ASGIApp, logged: bool) -> None:
        self.app = app
        self.logged = logged

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        given = Headers(scope=scope).get("x-request-id", "")
        current.set(given if ID.fullmatch(given) else secrets.token_hex(16))
        if not self.logged or scope["type"] != "http":
            return await self.app(scope, receive, send)
        begun = perf_counter()

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._say(scope, message["status"], perf_counter() - begun)
            await send(message)

        await self.app(scope, receive, noted)

    def _say(self, scope: Scope, status: int, seconds: float) -> None:
        if status >= 400 or not scope["path"].startswith(QUIET):
            about = {"status": status, "seconds": round(seconds, 3)}
            path = SECRET.sub(r"\1(secret)", scope["path"])
            logger.info("%s %s", scope["method"], path, extra={"about": about})
