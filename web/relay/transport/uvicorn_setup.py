"""How uvicorn has to run the relay, and the errors that say so."""

import asyncio
import multiprocessing
import sys

from starlette.types import Scope
from uvicorn.config import Config
from uvicorn.lifespan.on import LifespanOn

from relay.transport.http import RelayHttp
from relay.transport.poll_responses import TRANSPORT
from relay.transport.websocket import EXTENSION

PROTOCOL = (
    "The relay writes to WebSockets itself: run uvicorn with --http relay:RelayHttp, or give its Config "
    "http=RelayHttp."
)
WORKERS = (
    "gives one address to several processes, and a session lives in one of them. Run one uvicorn, without "
    "--workers, for each address: in several containers, or on several ports."
)
TOO_SMALL = (
    "uvicorn's --ws-max-size (ws_max_size) is {0}, less than max_message_bytes of the Relay's options, {1}: "
    "a message in between would end its session over a WebSocket, and be taken over polling. Set both to the "
    "same."
)


def check_uvicorn(max_message_bytes: int) -> None:
    """Raises RuntimeError if uvicorn, in whose lifespan this is called, can't run the relay, or refuses
    messages that the relay takes."""
    if "gunicorn.arbiter" in sys.modules:
        raise RuntimeError(f"gunicorn {WORKERS}")
    config = _config()
    if config is None:
        return
    if config.workers > 1 and not config.should_reload and multiprocessing.parent_process() is not None:
        raise RuntimeError(f"uvicorn --workers {WORKERS}")
    if not issubclass(config.http_protocol_class, RelayHttp):
        raise RuntimeError(PROTOCOL)
    if config.ws_max_size < max_message_bytes:
        raise RuntimeError(TOO_SMALL.format(config.ws_max_size, max_message_bytes))


def check_protocol(scope: Scope) -> None:
    """Raises RuntimeError if a request came by another protocol than the relay's."""
    wanted = TRANSPORT if scope["type"] == "http" else EXTENSION
    if wanted not in scope.get("extensions", {}):
        raise RuntimeError(PROTOCOL)


def _config() -> Config | None:
    """Return the configuration of the uvicorn whose lifespan the current task runs; None in another task.
    uvicorn hands it to nobody, so it is read from the task."""
    task = asyncio.current_task()
    frame = getattr(task.get_coro(), "cr_frame", None) if task else None
    lifespan = frame.f_locals.get("self") if frame else None
    return lifespan.config if isinstance(lifespan, LifespanOn) else None
