"""Notice boards: who joined one hears each notice, in order, and is told what came while they were away."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from relay import Entry, Options, Post, Relay, RelayServer
from starlette.applications import Starlette
from starlette.routing import Mount


def notice(entry: Entry) -> dict[str, object]:
    return {"board": entry.room, "epoch": entry.epoch, "seq": entry.seq, "text": entry.data.decode()}


def event_of(entry: Entry) -> bytes:
    return json.dumps(["notice", notice(entry)]).encode()


url = os.environ.get("REDIS_URL")
relay = Relay.on_redis(url, event_of, Options(prefix="noticeboard:")) if url else Relay.in_memory(event_of)
server = RelayServer(relay.manager)


async def post(sid: str, board: str, id: str, text: str) -> dict[str, object]:
    kept = await relay.log.append(board, Post(id, text.encode()))
    return {"epoch": kept.epoch, "seq": kept.seq}


async def join(sid: str, board: str, after: int | None = None, epoch: str | None = None) -> dict[str, object]:
    await relay.join(sid, board)  # before reading, so that nothing falls in between
    page, reset = await relay.resume(board, after=after, epoch=epoch)
    notices = [notice(entry) for entry in page.entries]
    return {"epoch": page.head.epoch, "notices": notices, "more": page.more, "reset": reset}


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    await server.start()
    yield
    await server.stop()


server.on("post", post)
server.on("join", join)
app = Starlette(routes=[Mount("/socket.io", server)], lifespan=lifespan)
