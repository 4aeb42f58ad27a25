"""Session ids begin with the route of the worker that made them, so that a proxy finds that worker again.

nginx gives a peer that it resolved by DNS the route `md5("ip:port")` in hex (`sticky route`, in open source
nginx since 1.29.6). The worker makes the same digest of the local address at which the request arrived. So
it needs no configuration, cookie or shared table.
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
    """Return the name of a session in the log. Its id may not be written there: it is a secret."""
    return sha256(sid.encode()).hexdigest()[:12]


def new_sid() -> str:
    """Return a session id: the current route, then 128 random bits. It is a secret: a request with it acts
    for the session."""
    return current_route.get() + secrets.token_urlsafe(16)
