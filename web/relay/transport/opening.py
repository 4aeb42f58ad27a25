"""The opening handshake of a WebSocket (RFC 6455, section 4.2), where nothing about it is unusual.

A proxy sends each header once and in one form, and the answers differ in one value only. `websockets` judges
all other handshakes.
"""

import re
from base64 import b64encode
from hashlib import sha1
from urllib.parse import unquote

from uvicorn._types import WebSocketScope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.datastructures import Headers
from websockets.http11 import Request

RawHeaders = list[tuple[bytes, bytes]]
"""Names, in lower case, and values."""
KEY = re.compile(rb"[A-Za-z0-9+/]{22}==")
"""16 bytes in base64."""
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
ONCE = frozenset({b"connection", b"upgrade", b"origin", b"sec-websocket-key", b"sec-websocket-version"})
"""Headers that a handshake may have once."""
UNUSUAL = b"sec-websocket-protocol"
"""A header with which the answer depends on the application."""
ANSWER = (
    b"HTTP/1.1 101 Switching Protocols\r\n"
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %b\r\n\r\n"
)


def answer_to(method: str, headers: RawHeaders) -> bytes | None:
    """Return the answer that accepts a handshake without extensions; None if `websockets` has to judge it."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in ONCE:
            if name in found:
                return None
            found[name] = value
        elif name == UNUSUAL:
            return None
    if (
        method != "GET"
        or found.get(b"connection", b"").lower() != b"upgrade"
        or found.get(b"upgrade", b"").lower() != b"websocket"
        or found.get(b"sec-websocket-version") != b"13"
        or not KEY.fullmatch(key := found.get(b"sec-websocket-key", b""))
    ):
        return None
    return ANSWER % b64encode(sha1(key + GUID, usedforsecurity=False).digest())


def scope_of(protocol: WebSocketsSansIOProtocol, url: str, headers: RawHeaders) -> WebSocketScope:
    """Return the ASGI scope of a handshake that `answer_to` has an answer to, as
    WebSocketsSansIOProtocol.handle_connect makes it."""
    path, _, query = url.partition("?")
    return {
        "type": "websocket",
        "asgi": {"version": protocol.asgi_version, "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": protocol.scheme,
        "server": protocol.server,
        "client": protocol.client,
        "root_path": protocol.root_path,
        "path": protocol.root_path + unquote(path),
        "raw_path": (protocol.root_path + path).encode(),
        "query_string": query.encode(),
        "headers": headers,
        "subprotocols": [],
        "state": protocol.app_state.copy(),
        "extensions": {"websocket.http.response": {}},
    }


def request_of(method: str, url: str, headers: RawHeaders) -> Request:
    """Return a handshake as `websockets` takes it."""
    decoded = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
    return Request(url, Headers(decoded), method)
