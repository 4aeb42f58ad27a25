"""The request filter: which requests engineio never sees (RequestServer.handle_request says why), and the
answers to requests that get no session."""

import json
from typing import Any
from urllib.parse import parse_qs

from engineio.async_drivers.asgi import make_response
from starlette.types import Scope

Query = dict[str, list[str]]

METHODS = ("GET", "POST", "OPTIONS")


def unavailable(error: str, detail: str) -> dict[str, Any]:
    """Return the answer at which a proxy asks another worker. A client that gets it tries again later."""
    return {
        "status": "503 Service Unavailable",
        "headers": [
            ("Content-Type", "application/json"),
            ("Retry-After", "5"),
            ("Cache-Control", "no-store"),
        ],
        "response": json.dumps({"status": "unavailable", "error": error, "detail": detail}).encode(),
    }


def too_many(detail: str) -> dict[str, Any]:
    """Return the answer to an address that has too many sessions, in the form of nginx's own."""
    answer = {"error": "rate_limited", "detail": f"{detail} Close one, or try again later.", "retry_after": 5}
    return {
        "status": "429 Too Many Requests",
        "headers": [
            ("Content-Type", "application/json"),
            ("Retry-After", "5"),
            ("Cache-Control", "no-store"),
        ],
        "response": json.dumps(answer).encode(),
    }


def lower_case(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return headers with names in lower case, as ASGI has them. Middleware finds only such: Starlette's
    CORSMiddleware adds a second `access-control-allow-origin` beside engineio's, and browsers refuse two."""
    return [(name.lower(), value) for name, value in headers]


async def respond(
    status: str, headers: list[tuple[str, str]], payload: bytes, environ: dict[str, Any]
) -> None:
    """Extends engineio's make_response, which refuses any WebSocket with a bare 403: with the status and the
    sentence. And it sends the names of headers with capitals."""
    scope = environ["asgi.scope"]
    headers = lower_case(headers)
    if scope["type"] == "websocket" and "websocket.http.response" in scope.get("extensions", {}):
        lines = [(name.encode(), value.encode()) for name, value in headers]
        start = {"type": "websocket.http.response.start", "status": int(status[:3]), "headers": lines}
        await environ["asgi.send"](start)
        await environ["asgi.send"]({"type": "websocket.http.response.body", "body": payload})
    else:
        await make_response(status, headers, payload, environ)


def query_of(scope: Scope) -> Query:
    """Return the parameters of a request, each with its values."""
    return parse_qs(scope["query_string"].decode("latin-1"))


def refuse(scope: Scope, query: Query) -> tuple[int, str] | None:
    """Return why engineio must not see a request, as (HTTP status, sentence); None if it may."""
    method = scope.get("method", "GET")
    if method not in METHODS:
        return 405, f"Method {method} not allowed; use {', '.join(METHODS)}"
    if method == "OPTIONS":
        return None
    if "j" in query:
        return 400, "JSONP is not supported"
    transport = query.get("transport", [""])[0]
    if transport not in ("polling", "websocket"):
        return 400, "Invalid or missing transport; expected polling or websocket"
    if transport != ("websocket" if scope["type"] == "websocket" else "polling"):
        return 400, f"Transport {transport} asked for in a request of another kind"
    return None


def opens_websocket(scope: Scope, query: Query) -> bool:
    """Return whether a request that is not refused opens a session on a WebSocket, in the one version of the
    protocol that is served. engineio judges what names another version, or a session's id."""
    return scope["type"] == "websocket" and "sid" not in query and query.get("EIO") == ["4"]
