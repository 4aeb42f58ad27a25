"""The security headers of a process that has no nginx in front; those of nginx/snippets/headers.conf and
policies.conf."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICIES = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'self'; manifest-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types service-worker"
    ),
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
SECURITY_HEADERS = POLICIES | {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

CLIENT_BUNDLE = "/socket.io/"
PUBLIC = {"Cross-Origin-Resource-Policy": "cross-origin", "Access-Control-Allow-Origin": "*"}
"""The client bundle is for pages of other origins too: as a script, and as a module, which browsers load only
with CORS."""

SCRIPTS_AND_SHEETS = ("text/css", "text/javascript", "application/javascript")
"""These content types have no policies: those of their page hold them."""
SERVICE_WORKER = "/service-worker.js"
"""A script that has policies of its own."""


FILES = "/files/"
FILE_POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
"""Of what people share: nothing runs in it, whatever it is. Pages at such an address are ours, and have ours.
A browser puts a style of its own into the page in which it shows a picture or a film."""
TICKET = "/ticket/"
"""The address of such a page is a secret: what the page asks for does not name it. (Without any referrer a
form would be sent with `Origin: null`.)"""


def headers_of(path: str, content_type: str) -> dict[str, str]:
    """Return those of an answer of this Content-Type at this path."""
    held_by_page = content_type.partition(";")[0] in SCRIPTS_AND_SHEETS and path != SERVICE_WORKER
    public = PUBLIC if path.startswith(CLIENT_BUNDLE) else {}
    special = {"Referrer-Policy": "strict-origin"} if path.startswith(TICKET) else {}
    shared = path.startswith(FILES) and not content_type.startswith("text/html")
    special |= {"Content-Security-Policy": FILE_POLICY} if shared else {}
    return {
        name: value
        for name, value in (SECURITY_HEADERS | public | special).items()
        if not (held_by_page and name in POLICIES)
    }


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
                headers = MutableHeaders(scope=message)
                headers.update(headers_of(scope["path"], headers.get("Content-Type", "")) | hsts)
            await send(message)

        await self.app(scope, receive, with_headers)
