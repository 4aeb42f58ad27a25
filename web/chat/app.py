"""The composition root: the one place that knows every part and puts them together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from relay import Relay, RelayServer
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from chat import health, static
from chat.events import Events
from chat.headers import SecurityHeaders
from chat.hosts import AllowedHosts
from chat.messages import response_of
from chat.pages import Pages
from chat.settings import Settings

SOCKET_PATH = "/sio/socket.io/"


def build(settings: Settings) -> Starlette:
    """Return the application; `app.state.server` is its RelayServer. Nothing runs before its lifespan
    starts."""
    if settings.redis_url is None:
        relay = Relay.in_memory(response_of, keep=settings.keep_messages)
    else:
        password, keep = settings.redis_password, settings.keep_messages
        relay = Relay.on_redis(settings.redis_url, response_of, password=password, keep=keep)
    server = RelayServer(relay.manager, settings.allowed_origins)
    Events(server, relay, settings.message_max_chars)
    static_version = static.version()
    pages = Pages(static_version, settings.message_max_chars)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await server.start()
        yield
        await server.stop()

    routes: list[BaseRoute] = [
        *pages.routes,
        *health.routes(relay),
        Route(SOCKET_PATH, server),
        WebSocketRoute(SOCKET_PATH, server),
    ]
    middleware = [Middleware(AllowedHosts, allowed_hosts=settings.allowed_hosts, www_redirect=False)]
    if settings.embedded:
        routes += [
            Mount("/static/{version}", static.VersionedFiles(static.FOLDER, static_version)),
            Route("/service-worker.js", static.service_worker),
            Mount("/socket.io", static.UnversionedFiles(directory=settings.client_bundle)),
        ]
        middleware.insert(0, Middleware(SecurityHeaders))
    app = Starlette(
        routes=routes,
        middleware=middleware,
        exception_handlers={HTTPException: pages.refused},
        lifespan=lifespan,
    )
    app.state.server = server
    return app
