"""The host names that the chat answers to."""

from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import Receive, Scope, Send


class AllowedHosts(TrustedHostMiddleware):
    """ASGI middleware that answers 400 to any other name, except for the health checks and Prometheus, which
    come by address."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(("/health", "/metrics")):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
