"""An application of a relay, as somebody writes it: served by uvicorn in the tests' event loop, and visited
with python-socketio's own client."""

import asyncio
from typing import Any, Self

import socketio
import uvicorn
from relay import Entry, Relay, RelayHttp, RelayServer

from tests.support.waiting import PATIENCE, soon


def event_of(entry: Entry) -> bytes:
    return b'["entry",%d,"%b"]' % (entry.seq, entry.data)


class Served:
    """A worker; an async context manager. What is declared on `server` later is handled as well."""

    def __init__(self, relay: Relay | None = None, **options: Any) -> None:
        """`options`: the server's."""
        self.relay = relay or Relay.in_memory(event_of)
        self.server = RelayServer(self.relay.manager, **options)

    @property
    def app(self) -> Any:
        return socketio.ASGIApp(self.server, on_startup=self.server.start, on_shutdown=self.server.stop)

    async def __aenter__(self) -> Self:
        config = uvicorn.Config(
            self.app,
            port=0,
            http=RelayHttp,
            log_config=None,
            ws_ping_interval=None,
            timeout_graceful_shutdown=5,
        )
        self._uvicorn = uvicorn.Server(config)
        self._running = asyncio.create_task(self._uvicorn.serve())
        await soon(lambda: self._uvicorn.started or self._running.done(), what="the application to listen")
        self.url = f"http://127.0.0.1:{self._uvicorn.servers[0].sockets[0].getsockname()[1]}"
        self._visitors: list[Visitor] = []
        return self

    async def __aexit__(self, *_: object) -> None:
        for visitor in self._visitors:
            await visitor.sio.disconnect()
        self._uvicorn.should_exit = True
        await self._running

    async def visitor(self, *namespaces: str, transport: str = "websocket", **options: Any) -> "Visitor":
        """A client that has connected to these namespaces, or to `/`."""
        visitor = Visitor()
        self._visitors.append(visitor)
        await visitor.sio.connect(
            self.url,
            transports=[transport],
            namespaces=[*namespaces] or None,
            wait_timeout=PATIENCE,
            **options,
        )
        return visitor


class Visitor:
    """A client, and what it heard: namespace, event and arguments."""

    def __init__(self) -> None:
        self.sio = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        self.heard: list[tuple[Any, ...]] = []
        self.sio.on("*", lambda event, namespace, *rest: self.heard.append((namespace, event, *rest)), "*")

    def sid(self, namespace: str = "/") -> str:
        """Its sid, as the server knows it."""
        return str(self.sio.get_sid(namespace))

    async def asks(self, event: str, *arguments: Any, namespace: str = "/") -> Any:
        return await self.sio.call(event, arguments, namespace=namespace, timeout=PATIENCE)

    async def says(self, event: str, *arguments: Any, namespace: str = "/") -> None:
        await self.sio.emit(event, arguments, namespace=namespace)

    async def hears(self, *said: tuple[Any, ...]) -> None:
        """Wait until it has heard so much, and this is it."""
        await soon(lambda: len(self.heard) >= len(said), what=f"{said} to be heard")
        assert self.heard == [*said]
