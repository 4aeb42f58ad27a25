"""WebSockets from an nginx on the same host, over a Unix socket in place of TCP.

Between two containers TCP passes the networks of both and of their host, with all their filters. Over a Unix
socket a frame costs the worker and nginx less, and is there sooner: docs/benchmark.md has figures.

nginx finds workers by DNS, which knows addresses and no sockets. So a handshake comes over TCP first. The
worker answers nginx, and not the client, where its socket is (`X-Accel-Redirect`), and nginx brings the
handshake there. If something goes wrong on the way, nginx asks once more over TCP, and is served there. So
DNS and the session id decide which worker it is, as they do without sockets.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from relay.transport.sid import route_of

logger = logging.getLogger(__name__)

FOLLOWS = b"x-relay-sockets"
"""The header by which nginx says that it follows to a socket."""
LOCATION = "/relay-sockets/"
"""The location where nginx has the sockets; what follows is a socket's name."""
ANSWER = "HTTP/1.1 200 OK\r\nX-Accel-Redirect: {0}\r\nContent-Length: 0\r\n\r\n"
BACKLOG = 2048
"""Connections that may wait to be accepted, as uvicorn has it for TCP."""
SEND_BUFFER = 16 * 1024
"""Bytes that the kernel takes of what a client does not read; it counts them twice, since it needs memory
itself. Left alone it would take 208 KiB for each client."""


class LocalSockets:
    """The sockets of a worker, one for each address at which nginx reaches it. Each is named by the route of
    that address, so workers on one host share a folder."""

    def __init__(self, folder: str) -> None:
        """`folder`: where the sockets are made. Whoever may look into it may connect."""
        self._folder = Path(folder)
        self._made: dict[str, LocalSocket | None] = {}  # by route; None: it can't be made

    def answer_to(
        self,
        server: tuple[str, int | None] | None,
        query: str,
        accept: Callable[[], asyncio.Protocol],
        connections: set[Any],
    ) -> bytes | None:
        """Return what leads nginx to the socket of the address `server`, at which it reached this worker,
        with the `query` of the request; None if there can't be a socket. `accept()`: makes the protocol of a
        connection over the socket. `connections`: those of uvicorn's server, which the socket ends with."""
        route = route_of(server)
        if not route:
            return None
        if route not in self._made:
            self._made[route] = self._make(route, accept, connections)
        if self._made[route] is None:
            return None
        return ANSWER.format(f"{LOCATION}{route}?{query}").encode()

    def _make(
        self, route: str, accept: Callable[[], asyncio.Protocol], connections: set[Any]
    ) -> LocalSocket | None:
        try:
            return LocalSocket(self._folder / route, accept, connections)
        except OSError as error:
            logger.warning(
                "WebSockets come over TCP, since there is no socket in %s: %s", self._folder, error
            )
            return None


class LocalSocket:
    """A socket that is listened on. It is one of uvicorn's connections, since it has to be closed with them,
    and uvicorn knows nobody else who has something to close."""

    def __init__(self, path: Path, accept: Callable[[], asyncio.Protocol], connections: set[Any]) -> None:
        """Listen. What connects before the loop accepts it waits. Raises OSError."""
        self._path = path
        self._connections = connections
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            path.unlink(missing_ok=True)  # of a worker that was killed, and had the same address
            self._listener.bind(str(path))
            path.chmod(0o666)  # nginx is another user
            self._listener.listen(BACKLOG)
        except OSError:
            self._listener.close()
            raise
        connections.add(self)
        loop = asyncio.get_running_loop()
        accepting = loop.create_unix_server(accept, sock=self._listener, backlog=BACKLOG)
        self._accepting = loop.create_task(accepting)

    def shutdown(self) -> None:
        """Called by uvicorn when it ends. Those who are connected are connections of their own."""
        self._connections.discard(self)
        self._path.unlink(missing_ok=True)
        if self._accepting.done():
            self._accepting.result().close()
        else:
            self._accepting.cancel()
            self._listener.close()


def bound_send_buffer(transport: Any) -> None:
    """Have the kernel take no more than SEND_BUFFER of what is sent over a Unix socket."""
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
