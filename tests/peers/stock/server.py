"""The chat's wire contract, as far as the tests need it, on python-socketio set up as its documentation says.

https://python-socketio.readthedocs.io/en/stable/server.html, "Using a Message Queue" and "Uvicorn". No log
and no numbers across workers: `seq` only gives the messages the same shape, and counts this worker's.
"""

import itertools
import os
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import socketio


def redis_url() -> str:
    """The address with the password in it, the one form that AsyncRedisManager takes."""
    password = Path(os.environ["REDIS_PASSWORD_FILE"]).read_text().strip()
    url = urlsplit(os.environ["REDIS_URL"])
    return url._replace(netloc=f"{url.username}:{password}@{url.hostname}:{url.port}").geturl()


class Health:
    """GET /health answers 200 once the worker serves."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        status = 200 if scope["path"] == "/health" else 404
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


sio = socketio.AsyncServer(async_mode="asgi", client_manager=socketio.AsyncRedisManager(redis_url()))
app = socketio.ASGIApp(sio, Health(), socketio_path="sio/socket.io")
numbers = itertools.count(1)


async def connect(sid: str, environ: dict[str, Any], auth: Any) -> None:
    await sio.enter_room(sid, "lobby")


async def join(sid: str, options: dict[str, Any]) -> dict[str, Any]:
    await sio.enter_room(sid, options["room"])
    return {"ok": True, "room": options["room"]}


async def message(sid: str, text: str, options: dict[str, Any] | None = None) -> dict[str, Any]:
    options = options or {}
    about = {
        "room": options.get("room", "lobby"),
        "id": options.get("id") or uuid.uuid4().hex,
        "seq": next(numbers),
        "at": time.time_ns() // 1_000_000,
        "author": {"id": sid, "name": "Guest"},
    }
    await sio.emit("response", (text, about), room=about["room"])
    return {"ok": True, "id": about["id"], "room": about["room"], "seq": about["seq"], "at": about["at"]}


for handler in (connect, join, message):
    sio.event(handler)
