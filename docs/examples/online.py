"""Who is online: each user once, with what they say of themselves, however many clients they have and at
whatever workers, and also after a worker was killed."""

import asyncio
import json
import logging
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

import socketio
from relay import Ask, Expect, LogUnavailable, Options, Put, Quota, Relay, RelayServer
from starlette.applications import Starlette
from starlette.routing import Mount

ONLINE = "online"
"""The record: a field for each user, `{turn, here, about, id}`."""
MOST = 5000
"""Users in it. Beyond that those who went first are forgotten."""
FORGOTTEN = 3600
"""Seconds after which a user who went is forgotten."""

logger = logging.getLogger(__name__)
url = os.environ.get("REDIS_URL")
relay = Relay.on_redis(url, options=Options(prefix="online:")) if url else Relay.in_memory()
server = RelayServer(relay.manager)


async def settle(user: str, **news: str) -> None:
    """Make what the record says of a user what is true, and tell everybody. Whoever has changed it looks once
    more, so that several workers that do this at once come to agree. Raises LogUnavailable."""
    mine = b""
    while True:
        here = bool(await relay.connections.of(user))
        [kept] = await relay.records.read(Ask(ONLINE, ONLINE, (user,)))
        old = kept.get(user)
        if old and old == mine:  # the change was made, and its answer lost with a connection
            await tell(user, old)
        said: dict[str, Any] = json.loads(old) if old else {"turn": 0, "here": False, "about": ""}
        state = {**said, "here": here, **news}
        if state == said:
            return
        # Clients drop what has a lower turn than what they know. It grows also where the field had ended.
        turn = max(said["turn"] + 1, int(time.time()))
        mine = json.dumps({**state, "turn": turn, "id": uuid4().hex}).encode()
        put = Put(ONLINE, user, mine, 0 if here else FORGOTTEN, MOST)
        if await relay.records.change(ONLINE, put, expect=[Expect(ONLINE, user, old)]):
            await tell(user, mine)
            mine = b""


async def tell(user: str, kept: bytes) -> None:
    await server.emit("online", shown(user, kept))


def shown(user: str, kept: bytes) -> dict[str, object]:
    """What others see. The id is for the worker that made it."""
    return {"user": user, **{name: value for name, value in json.loads(kept).items() if name != "id"}}


async def connect(sid: str, environ: dict[str, Any], auth: Any) -> None:
    if not isinstance(auth, dict) or not isinstance(user := auth.get("user"), str) or not 0 < len(user) < 100:
        raise socketio.exceptions.ConnectionRefusedError("Say who you are.")
    await server.save_session(sid, {"user": user})
    try:
        await relay.connections.add(sid, user)
        await settle(user)
    except LogUnavailable:
        with suppress(LogUnavailable):  # then it is done later
            await relay.connections.remove(sid, user)
        raise socketio.exceptions.ConnectionRefusedError("unavailable") from None


async def disconnect(sid: str, reason: str) -> None:
    user = (await server.get_session(sid))["user"]
    with suppress(LogUnavailable):  # then `look_after` settles it
        await relay.connections.remove(sid, user)
        if not server.draining:  # else the client only moves to another worker
            await settle(user)


async def who(sid: str) -> list[dict[str, object]]:
    [kept] = await relay.records.read(Ask(ONLINE, ONLINE))
    states = [shown(user, state) for user, state in kept.items()]
    return [state for state in states if state["here"]]


async def about(sid: str, text: object) -> None:
    user = (await server.get_session(sid))["user"]
    await settle(user, about=str(text)[:200])


def answered(handler: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
    """A client is answered also while Redis does not answer."""

    async def handle(*arguments: object) -> object:
        try:
            return await handler(*arguments)
        except LogUnavailable:
            return {"error": "unavailable"}

    return handle


async def look_after() -> None:
    """Every 10 s one of the workers settles all who are listed: no `disconnect` handler ran at a worker that
    was killed."""
    while True:
        await server.sleep(5)
        try:
            if await relay.store.take(Quota("look after", 1, 10)) is None:
                [kept] = await relay.records.read(Ask(ONLINE, ONLINE))
                for user in kept:
                    await settle(user)
        except LogUnavailable as problem:
            logger.warning("%s", problem)


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    await server.start()
    looking = asyncio.create_task(look_after())
    yield
    await server.stop()
    looking.cancel()


server.on("connect", connect)
server.on("disconnect", disconnect)
server.on("who", answered(who))
server.on("about", answered(about))
app = Starlette(routes=[Mount("/socket.io", server)], lifespan=lifespan)
