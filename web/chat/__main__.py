"""`python -m chat`: one worker, one process. Exits with 2 and the reasons when a setting is wrong."""

import gc
import logging
import os
import resource
import sys

import uvicorn
from relay import Options, RelayHttp
from starlette.types import ASGIApp

from chat.app import build
from chat.observe import logs
from chat.settings import Settings, SettingsError

logger = logging.getLogger("chat")


def config(settings: Settings, app: ASGIApp) -> uvicorn.Config:
    """Return how uvicorn serves the chat; its defaults are right for what is not named here."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=RelayHttp.with_sockets_in(str(folder)) if (folder := settings.sockets_folder) else RelayHttp,
        ws_max_size=Options.max_message_bytes,
        ws_ping_interval=None,  # Engine.IO has pings of its own
        ws_per_message_deflate=False,  # costs a context per connection, and the CPU, for small messages
        lifespan="on",
        log_config=None,  # chat.observe.logs configures it
        access_log=False,  # nginx has it
        server_header=False,
        date_header=settings.embedded,  # nginx has one of its own
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        # Longer than the 60 s of nginx, which would otherwise send a request on a connection that is being
        # closed.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
    )


def main() -> int:
    try:
        settings = Settings.read(os.environ)
    except SettingsError as error:
        print(f"The settings are wrong:\n{error}", file=sys.stderr)
        return 2
    logs.configure(settings.log_level, settings.log_format)
    logger.info(
        "Serving on http://%s:%s (%s)",
        settings.host,
        settings.port,
        "embedded" if settings.embedded else "Redis",
    )
    # Each connection takes a descriptor; engines start processes with as few as 1,024 and allow more.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    worker = uvicorn.Server(config(settings, build(settings).asgi))
    # What was loaded stays; looking through it and through every session again and again, with the defaults,
    # is 8 % of what a connect costs (measured).
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 20)
    worker.run()
    return 0 if worker.started else 1


if __name__ == "__main__":
    sys.exit(main())
