"""An application in the tests' own event loop: uvicorn serves it, on a free port."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import socketio
import uvicorn
from relay import RelayHttp, RelayServer
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.support.waiting import PATIENCE, soon


@asynccontextmanager
async def serving(server: RelayServer, around: Callable[[Any], Any] | None = None) -> AsyncIterator[str]:
    """Start a relay server and listen; its address. `around`: what the application is put into."""
    app: Any = Starlette(routes=[Mount("/socket.io", server)])
    app = around(app) if around else app
    config = uvicorn.Config(app, port=0, http=RelayHttp, ws_ping_interval=None, log_config=None)
    config.timeout_graceful_shutdown = 2
    worker = uvicorn.Server(config)
    await server.start()
    running = asyncio.create_task(worker.serve())
    try:
        await soon(lambda: worker.started or running.done(), what="the application to listen")
        yield f"http://127.0.0.1:{worker.servers[0].sockets[0].getsockname()[1]}"
    finally:
        worker.should_exit = True
        await running
        await server.stop()


class Visitor:
    """A client of Rooms with the official library, and the entries that it was delivered."""

    def __init__(self, *transports: str) -> None:
        self.transports = transports or ("websocket",)
        self.sio = socketio.AsyncClient(reconnection=False)
        self.heard: list[dict[str, Any]] = []
        self.sio.on("entry", self.heard.append)

    @classmethod
    async def at(cls, url: str, *transports: str, auth: Any = None) -> "Visitor":
        """Return one that has connected."""
        visitor = cls(*transports)
        await visitor.sio.connect(url, auth=auth, transports=list(visitor.transports), wait_timeout=PATIENCE)
        return visitor

    @property
    def sid(self) -> str:
        return str(self.sio.get_sid())

    async def asks(self, event: str, **options: Any) -> dict[str, Any]:
        return dict(await self.sio.call(event, options, timeout=PATIENCE))

    async def append(self, room: str, id: str, data: Any) -> dict[str, Any]:
        return await self.asks("append", room=room, id=id, data=data)

    async def hears(self, condition: Callable[[list[Any]], bool], what: str) -> None:
        await soon(lambda: condition(self.data), what=what)

    @property
    def data(self) -> list[Any]:
        return [entry["data"] for entry in self.heard]

    async def leaves(self) -> None:
        await self.sio.disconnect()
