"""The path of Socket.IO: one, exactly, since nginx counts new sessions by it."""

from starlette.types import ASGIApp, Receive, Scope, Send

SOCKET_PATH = "/sio/socket.io/"
PATHS = (SOCKET_PATH, SOCKET_PATH.removesuffix("/"))
"""The second is what clients with `addTrailingSlash: false` ask for."""


class AtSocketPath:
    """ASGI application: `server` for Socket.IO, `site` for all else. Replaces socketio.ASGIApp, which gives
    the server whatever begins with the path."""

    def __init__(self, server: ASGIApp, site: ASGIApp) -> None:
        self.server = server
        self.site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self.server if scope.get("path") in PATHS else self.site)(scope, receive, send)
