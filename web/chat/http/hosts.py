"""The host names that the chat answers to."""

import re
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = ("localhost", "*.localhost", "127.0.0.1", "[::1]")
"""What a browser takes for this machine, whatever DNS says."""


def names_of(address: str) -> tuple[str, ...]:
    """Return the names that a chat at this address answers to: any; at a loopback address only its machine's,
    since any other was made to lead there by somebody else (DNS rebinding)."""
    if address != "localhost" and not re.fullmatch(r"127(\.[0-9]{1,3}){3}|::1", address):
        return ("*",)
    return (*LOOPBACK, address)


HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+?)\.?(:[0-9]*)?")
REFUSAL = (
    "The chat does not answer to the name that it was asked for by (the Host header). The setting"
    " ALLOWED_HOSTS has the names that it answers to; without it, a chat that listens on a loopback address"
    " answers to names of its machine only, such as localhost."
)


class AllowedHosts:
    """ASGI middleware that answers 400 to any other name, except for the health checks and Prometheus, which
    come by address. `allowed`: names without port, `*.domain` for those below it, `*` for any."""

    def __init__(self, app: ASGIApp, allowed: Collection[str]) -> None:
        self.app = app
        self.allowed = {name.lower() for name in allowed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] == "lifespan"
            or "*" in self.allowed
            or scope["path"].startswith(("/health", "/metrics"))
            or self.allows(Headers(scope=scope).getlist("host"))
        ):
            await self.app(scope, receive, send)
        else:
            await PlainTextResponse(REFUSAL, 400)(scope, receive, send)

    def allows(self, hosts: list[str]) -> bool:
        """Whether these are the Host headers of a request that is answered."""
        found = HOST.fullmatch(hosts[0].lower()) if len(hosts) == 1 else None
        if found is None:
            return False
        labels = found["name"].split(".")
        above = {"*." + ".".join(labels[depth:]) for depth in range(1, len(labels))}
        return not self.allowed.isdisjoint({found["name"], *above})
