"""The security headers of a process that has no nginx in front; those of nginx/snippets/headers.conf."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types service-worker"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

CLIENT_BUNDLE = "/socket.io/"


def headers_at(path: str) -> dict[str, str]:
    """Return those of the answer at this path. The client bundle is public, and for pages of other origins
    too: as a script, and as a module, which browsers load only with CORS."""
    if path.startswith(CLIENT_BUNDLE):
        public = {"Cross-Origin-Resource-Policy": "cross-origin", "Access-Control-Allow-Origin": "*"}
        return SECURITY_HEADERS | public
    return SECURITY_HEADERS


HSTS = {"Strict-Transport-Security": "max-age=31536000"}
"""Besides where the request came by https, to a proxy that is trusted."""


class SecurityHeaders:
    """ASGI middleware that adds them to every HTTP response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hsts = HSTS if scope.get("scheme") == "https" else {}

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers_at(scope["path"]) | hsts)
            await send(message)

        await self.app(scope, receive, with_headers)
