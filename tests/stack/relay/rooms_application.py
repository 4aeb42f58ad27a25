"""An application that is Rooms alone, open to everybody; on Redis at REDIS_URL, with keys that begin with
PREFIX."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from relay import Options, Relay, RelayServer, Rooms, everybody
from starlette.applications import Starlette
from starlette.routing import Mount

relay = Relay.on_redis(os.environ["REDIS_URL"], options=Options(prefix=os.environ["PREFIX"], keep=0))
server = RelayServer(relay.manager)
rooms = Rooms(relay, server, authorize=everybody)


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    await server.start()
    yield
    await server.stop()


app = Starlette(routes=[Mount("/socket.io", server)], lifespan=lifespan)
