"""The environ: a request as engineio and the application's `connect` handler see it."""

from typing import Any

from starlette.types import Message, Receive, Scope, Send


class Body:
    """The body of a request of which the first message was received."""

    def __init__(self, first: Message, receive: Receive) -> None:
        self._message = first
        self._receive = receive

    async def read(self, enough: int) -> bytes:
        """Return all of it, or of a longer one `enough` bytes or some more."""
        body = bytes(self._message.get("body", b""))
        while self._message.get("more_body") and len(body) < enough:
            self._message = await self._receive()
            body += self._message.get("body", b"")
        return body


async def translate_request(scope: Scope, receive: Receive, send: Send) -> dict[str, Any]:
    """Replaces engineio's translate_request, which makes a class for each request: it is most of the 17
    objects more, of 42, that a connect leaves to the garbage collector (counted)."""
    body = Body(await receive(), receive)
    environ = {
        "REQUEST_METHOD": scope.get("method", "GET"),
        "PATH_INFO": scope["path"],
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "wsgi.input": body,
        "asgi.receive": receive,
        "asgi.send": send,
        "asgi.scope": scope,
    }
    for name, value in scope["headers"]:
        key = name.decode("latin-1").upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        text = value.decode("latin-1")
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ
