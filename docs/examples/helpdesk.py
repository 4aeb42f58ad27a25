"""A help desk: FastAPI, and a class-based namespace whose clients follow tickets. Comments come from clients,
and over HTTP."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import socketio
from fastapi import FastAPI
from relay import Entry, Options, Post, Relay, RelayServer, encode


def comment(entry: Entry) -> dict[str, object]:
    return {"ticket": entry.room, "epoch": entry.epoch, "seq": entry.seq, "text": entry.data.decode()}


def event_of(entry: Entry) -> bytes:
    return encode(["comment", comment(entry)])


url = os.environ.get("REDIS_URL")
relay = Relay.on_redis(url, event_of, Options(prefix="helpdesk:")) if url else Relay.in_memory(event_of)
server = RelayServer(relay.manager)


class Desk(socketio.AsyncNamespace):  # type: ignore[misc]  # python-socketio has no types
    async def on_connect(self, sid: str, environ: dict[str, Any], auth: Any) -> None:
        if not isinstance(auth, dict) or not isinstance(auth.get("name"), str):
            raise socketio.exceptions.ConnectionRefusedError("Say who you are.")
        await self.save_session(sid, {"name": auth["name"]})

    async def on_follow(
        self, sid: str, ticket: str, after: int | None = None, epoch: str | None = None
    ) -> Any:
        await relay.join(sid, ticket)  # before reading, so that nothing falls in between
        page, reset = await relay.resume(ticket, after=after, epoch=epoch)
        comments = [comment(entry) for entry in page.entries]
        return {"epoch": page.head.epoch, "comments": comments, "more": page.more, "reset": reset}

    async def on_comment(self, sid: str, ticket: str, id: str, text: str) -> int:
        name = (await self.get_session(sid))["name"]
        return (await relay.log.append(ticket, Post(id, f"{name}: {text}".encode(), author=name))).seq

    async def on_typing(self, sid: str, ticket: str) -> None:
        name = (await self.get_session(sid))["name"]
        await relay.emit_volatile("typing", name, ticket, skip_sid=sid)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await server.start()
    yield
    await server.stop()


server.register_namespace(Desk("/desk"))
app = FastAPI(lifespan=lifespan)
app.mount("/socket.io", server)


@app.get("/tickets/{ticket}")
async def read(ticket: str) -> list[str]:
    return [entry.data.decode() for entry in (await relay.log.read(ticket)).entries]


@app.post("/tickets/{ticket}")
async def write(ticket: str, text: str) -> int:
    return (await relay.log.append(ticket, Post(uuid4().hex, f"mail: {text}".encode()))).seq
