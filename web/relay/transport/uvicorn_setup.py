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


def check_uvicorn() -> None:
    """Raises RuntimeError if uvicorn, in whose lifespan this is called, can't run the relay."""
    if "gunicorn.arbiter" in sys.modules:
        raise RuntimeError(f"gunicorn {WORKERS}")
    config = _config()
    if config is None:
        return
    if config.workers > 1 and not config.should_reload and multiprocessing.parent_process() is not None:
        raise RuntimeError(f"uvicorn --workers {WORKERS}")
    if not issubclass(config.http_protocol_class, RelayHttp):
        raise RuntimeError(PROTOCOL)


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
