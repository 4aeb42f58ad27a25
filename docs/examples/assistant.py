"""An assistant that answers word by word, on any number of workers: when the one that answers is killed,
another one goes on with the answer. How that is done is in homes.py."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import socketio
from homes import Homes, Moved, Session
from relay import LogUnavailable, Options, Relay, RelayServer
from starlette.applications import Starlette
from starlette.routing import Mount

url = os.environ.get("REDIS_URL")
relay = Relay.on_redis(url, options=Options(prefix="assistant:")) if url else Relay.in_memory()
server = RelayServer(relay.manager, drain_seconds=5)


def go_on(session: Session) -> None:
    """Answer the question, if there is one, from where its answer ends."""
    if session.kept.get("question"):
        session.task = asyncio.create_task(answer(session))


homes = Homes(relay, go_on)


def state(kept: dict[str, bytes]) -> dict[str, object]:
    return {"answer": kept.get("answer", b"").decode(), "busy": bool(kept.get("question"))}


async def tell(session: Session) -> None:
    await relay.emit_to_group("state", state(session.kept), session.name)


async def answer(session: Session) -> None:
    """Say one word after the other. Each is written before it is said, so that nobody speaks but the home."""
    question, said = session.kept["question"].decode(), session.kept["answer"].decode()
    try:
        # The last word may have been written by a worker that was killed before it said it.
        await tell(session)
        async for word in words(question, said):
            await surely(session, answer=(said + word).encode())
            await relay.emit_to_group("word", {"at": len(said), "text": word}, session.name)
            said += word
        await surely(session, question=b"")
        await tell(session)
    except Moved:
        return


async def surely(session: Session, **fields: bytes) -> None:
    while True:
        try:
            await session.write(**fields)
            return
        except LogUnavailable:
            await server.sleep(1)


async def words(question: str, said: str) -> AsyncIterator[str]:
    """In place of a model, which is given the question and what it has said already."""
    rest = f"You asked: {question} "[len(said) :]
    while rest:
        word, _, rest = rest.partition(" ")
        await server.sleep(0.1)
        yield f"{word} "


async def connect(sid: str, environ: dict[str, Any], auth: Any) -> None:
    try:
        name = f"{UUID(auth['session']).hex} {auth['user']:.50}"  # yours finds out who the user is
    except (AttributeError, KeyError, TypeError, ValueError):
        raise socketio.exceptions.ConnectionRefusedError(
            "Say who you are, and which session you mean."
        ) from None
    homes.names[sid] = name
    await relay.group(sid, name)
    try:
        await server.emit("state", state(await homes.look(name)), to=sid)
    except (LogUnavailable, Moved):
        del homes.names[sid]
        raise socketio.exceptions.ConnectionRefusedError("unavailable") from None


async def disconnect(sid: str, reason: str) -> None:
    del homes.names[sid]


async def ask(sid: str, question: object) -> dict[str, object]:
    if not isinstance(question, str) or not 0 < len(question) < 1000:
        return {"error": "A question is a text of less than 1,000 characters."}
    async with homes.at(homes.names[sid]) as session:
        if session.busy:
            return {"error": "busy"}
        await session.write(question=question.encode(), answer=b"")
        go_on(session)
    return {"ok": True}


async def stop(sid: str) -> dict[str, object]:
    async with homes.at(homes.names[sid]) as session:
        session.stop()
        await session.write(question=b"")
        await tell(session)
    return {"ok": True}


async def end(sid: str) -> dict[str, object]:
    """Forget the session. Its clients may begin it anew."""
    async with homes.at(homes.names[sid]) as session:
        await session.end()
    async with homes.at(homes.names[sid]) as session:
        await tell(session)
    return {"ok": True}


def answered(handler: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
    """Who is answered `unavailable` asks again: it may have been done, and to do it twice does no harm."""

    async def handle(*arguments: object) -> object:
        try:
            return await handler(*arguments)
        except (LogUnavailable, Moved):
            return {"error": "unavailable"}

    return handle


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    await server.start()
    keeping = asyncio.create_task(homes.keep())
    yield
    keeping.cancel()
    await homes.leave()
    await server.stop()


server.on("connect", connect)
server.on("disconnect", disconnect)
server.on("ask", answered(ask))
server.on("stop", answered(stop))
server.on("end", answered(end))
app = Starlette(routes=[Mount("/socket.io", server)], lifespan=lifespan)
