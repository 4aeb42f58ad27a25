"""Who is connected, in a column of a database: right also after a worker was killed or cut off."""

import asyncio
import logging
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

import socketio
from relay import LogUnavailable, Options, Quota, Relay, RelayServer
from starlette.applications import Starlette
from starlette.routing import Mount

DATABASE = os.environ.get("DATABASE", "users.db")
"""A file of SQLite with `CREATE TABLE users (id TEXT PRIMARY KEY, sid TEXT)`, and the users in it."""
EVERY = 5
"""Seconds between two looks at what may be wrong."""

logger = logging.getLogger(__name__)
url = os.environ.get("REDIS_URL")
relay = Relay.on_redis(url, options=Options(prefix="column:")) if url else Relay.in_memory()
server = RelayServer(relay.manager, drain_seconds=5)
here: dict[str, str] = {}  # the user of each client of this worker


def query(text: str, *values: str | None) -> tuple[list[tuple[str, str | None]], int]:
    """The rows that a query found, and the number of those that it changed."""
    with closing(sqlite3.connect(DATABASE, timeout=30)) as connection, connection:
        done = connection.execute(text, values)
        return done.fetchall(), done.rowcount


async def settle(user: str, newest: str | None = None) -> None:
    """Make the column what is true, and tell of it if somebody came or went. It is changed only if it is
    still what it was before `of` was asked, and whoever changed it looks once more: so several workers that
    do this at once come to agree. `newest`: the client that is preferred. Raises LogUnavailable."""
    while True:
        rows, _ = await asyncio.to_thread(query, "SELECT id, sid FROM users WHERE id = ?", user)
        if not rows:
            return
        [(_, before)] = rows
        clients = await relay.connections.of(user)
        after = next((sid for sid in (newest, before, *clients) if sid in clients), None)
        if after == before:
            return
        change = "UPDATE users SET sid = ? WHERE id = ? AND sid IS ?"
        _, changed = await asyncio.to_thread(query, change, after, user, before)
        if changed and None in (before, after):
            await server.emit("came" if after else "went", user)


async def connect(sid: str, environ: dict[str, Any], auth: Any) -> None:
    user = auth.get("user") if isinstance(auth, dict) else None
    rows, _ = await asyncio.to_thread(query, "SELECT id, sid FROM users WHERE id = ?", str(user))
    if not rows:
        raise socketio.exceptions.ConnectionRefusedError("Say who you are.")
    here[sid] = str(user)
    try:
        await relay.connections.add(sid, here[sid])
        await settle(here[sid], newest=sid)
    except LogUnavailable:
        await gone(sid)
        raise socketio.exceptions.ConnectionRefusedError("unavailable") from None


async def disconnect(sid: str, reason: str) -> None:
    await gone(sid, moves=server.draining)


async def gone(sid: str, moves: bool = False) -> None:
    """`moves`: it only goes to another worker, so nobody is told. If it does not come there, `look_after`
    finds it."""
    user = here.pop(sid)
    try:
        await relay.connections.remove(sid, user)
        if not moves:
            await settle(user)
    except LogUnavailable:
        pass  # `look_after` does it later


async def look_after() -> None:
    """Each worker settles its own users who are not in the column: it may have been cut off. One of the
    workers settles all who are in it: no `disconnect` handler ran at a worker that was killed."""
    while True:
        await server.sleep(EVERY)
        try:
            rows, _ = await asyncio.to_thread(query, "SELECT id, sid FROM users")
            listed = {user for user, sid in rows if sid is not None}
            turn = await relay.store.take(Quota("look after", 1, 2 * EVERY)) is None
            for user in {*here.values()} - listed | (listed if turn else set()):
                await settle(user)
        except (LogUnavailable, sqlite3.Error) as problem:
            logger.warning("%s", problem)  # and again the next time


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    await server.start()
    looking = asyncio.create_task(look_after())
    yield
    await server.stop()
    looking.cancel()


server.on("connect", connect)
server.on("disconnect", disconnect)
app = Starlette(routes=[Mount("/socket.io", server)], lifespan=lifespan)
