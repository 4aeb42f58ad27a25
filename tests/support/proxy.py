"""A proxy in front of the stack, as people set one up, with TLS or with a mistake in it."""

import asyncio
import itertools
import ssl
from collections.abc import Callable
from contextlib import suppress

Rewrite = Callable[[bytes], bytes]


class Proxy:
    """Passes connections on, from a port of its own on loopback; each brings one request.

    `upstreams`: addresses as `host:port`, taken in turn. `request` and `answer` rewrite the heads of what
    passes; `body` rewrites what follows the answer's head, a chunk at a time, and must keep its length.
    `tls`: what it shows to clients; `onward`: whom it trusts, if the upstreams speak TLS.
    """

    def __init__(
        self,
        *upstreams: str,
        request: Rewrite = bytes,
        answer: Rewrite = bytes,
        body: Rewrite = bytes,
        tls: ssl.SSLContext | None = None,
        onward: ssl.SSLContext | None = None,
    ) -> None:
        self._upstreams = itertools.cycle(upstreams)
        self._request = request
        self._answer = answer
        self._body = body
        self._tls = tls
        self._onward = onward
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Proxy":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Whoever is still connected is cut off."""
        self._server.close()
        for serving in self._serving:
            serving.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    @property
    def port(self) -> int:
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = next(self._upstreams).rsplit(":", 1)
        onward = None
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            back, onward = await asyncio.open_connection(host, port, ssl=self._onward)
            await asyncio.gather(
                self._pass(reader, onward, self._request, bytes),
                self._pass(back, writer, self._answer, self._body),
            )
        for each in (writer, onward):
            if each:
                each.close()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: Rewrite, body: Rewrite
    ) -> None:
        writer.write(head(await reader.readuntil(b"\r\n\r\n")))
        while chunk := await reader.read(65536):
            writer.write(body(chunk))
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


def without(*names: str) -> Rewrite:
    """Drops these header fields."""
    dropped = tuple(f"{name.lower()}:".encode() for name in names)

    def rewrite(head: bytes) -> bytes:
        lines = head.split(b"\r\n")
        return b"\r\n".join(line for line in lines if not line.lower().startswith(dropped))

    return rewrite


def replacing(name: str, value: str) -> Rewrite:
    """Sets a header field, instead of what it was."""

    def rewrite(head: bytes) -> bytes:
        return without(name)(head)[:-2] + f"{name}: {value}\r\n\r\n".encode()

    return rewrite
