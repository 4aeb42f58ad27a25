"""The session id: it begins with the route of the worker that made it, so that a proxy finds that worker
again.

nginx gives a peer that it resolved by DNS the route `md5("ip:port")` in hex (`sticky route`, in open source
nginx since 1.29.6). The worker makes the same digest from the local address at which the very request
arrived, hence needs no configuration, cookie or shared table.
"""

import secrets
from collections.abc import Sequence
from contextvars import ContextVar
from hashlib import md5, sha256

# The route of the request being handled; empty in background tasks, whose ids no proxy ever sees.
current_route: ContextVar[str] = ContextVar("current_route", default="")


def route_of(server: Sequence[str | int | None] | None) -> str:
    """Return the route of the ASGI scope's `server`, 32 hex digits; empty where there is none (a Unix
    socket)."""
    if server is None or server[1] is None:
        return ""
    host, port = server
    address = f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"
    return md5(address.encode(), usedforsecurity=False).hexdigest()


def log_name(sid: str) -> str:
    """Return what stands for a session in the log, where its id may not."""
    return sha256(sid.encode()).hexdigest()[:12]


def new_sid() -> str:
    """Return a session id: the current route, then 128 random bits. Whoever holds it speaks as its
    session."""
    return current_route.get() + secrets.token_urlsafe(16)
