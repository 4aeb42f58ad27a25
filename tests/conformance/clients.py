"""The official clients: each does the same, and returns what it got, as in EXPECTED."""

import asyncio
import json
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import socketio

HERE = Path(__file__).parent / "clients"
FOLDER = os.environ.get("OFFICIAL_CLIENTS", str(HERE))
"""Has the JavaScript clients in its `node_modules`."""
JAVASCRIPT = "client-3.1", "client-4.0", "client-4.4", "client-4.8"
TRANSPORTS = ("polling",), ("websocket",), ("polling", "websocket")

EXPECTED = {
    "auth": [{"token": "123"}],
    "text": [1, "ñ", {"3": [True]}],
    "bytes": [[1, 2, 3], [4]],
    "acked": ["a"],
    "acked_bytes": [[5, 6]],
    "answered": ["why", [7, 8]],
}
"""What each client gets, with bytes as lists of numbers, besides its `transport`."""
PATIENCE = 30


async def javascript(package: str, url: str, transports: Sequence[str]) -> dict[str, Any]:
    """Let a JavaScript client do it, in Node."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        "node", HERE / "client.mjs", FOLDER, package, url, *transports, stdout=pipe, stderr=pipe
    )
    async with asyncio.timeout(PATIENCE):
        out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return dict(json.loads(out))


async def refused_javascript(package: str, url: str, handler: str) -> str:
    """What a JavaScript client that is refused says in the end. `handler`: what it does then."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        "node", HERE / "refused.mjs", FOLDER, package, url, handler, stdout=pipe, stderr=pipe
    )
    try:
        async with asyncio.timeout(PATIENCE):
            out, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0, errors.decode()
    return out.decode()


async def asyncio_client(url: str, transports: Sequence[str]) -> dict[str, Any]:
    heard: dict[str, asyncio.Queue[list[Any]]] = {}
    client = socketio.AsyncClient(reconnection=False)
    for event in ("auth", "message-back", "answered"):
        queue = heard[event] = asyncio.Queue()
        client.on(event, lambda *data, queue=queue: queue.put_nowait(_plain(data)))
    client.on("ask", _answer)
    await client.connect(url, auth={"token": "123"}, transports=list(transports), wait_timeout=PATIENCE)
    got: dict[str, Any] = {"auth": await heard["auth"].get()}
    await client.emit("message", (1, "ñ", {"3": [True]}))
    got["text"] = await heard["message-back"].get()
    await client.emit("message", (b"\1\2\3", {"inside": b"\4"}))
    whole, inner = await heard["message-back"].get()
    got["bytes"] = [whole, inner["inside"]]
    got["acked"] = _plain([await client.call("message-with-ack", "a")])
    got["acked_bytes"] = _plain([await client.call("message-with-ack", b"\5\6")])
    await client.emit("ask-me", "why")
    got["answered"] = await heard["answered"].get()
    got["transport"] = client.transport()
    await client.disconnect()
    return got


async def threaded_client(url: str, transports: Sequence[str]) -> dict[str, Any]:
    return await asyncio.to_thread(_threaded, url, transports)


def _threaded(url: str, transports: Sequence[str]) -> dict[str, Any]:
    heard: dict[str, list[list[Any]]] = {"auth": [], "message-back": [], "answered": []}
    came = threading.Condition()
    client = socketio.Client(reconnection=False)

    def listen(event: str) -> None:
        def hear(*data: Any) -> None:
            with came:
                heard[event].append(_plain(data))
                came.notify_all()

        client.on(event, hear)

    def next_of(event: str) -> list[Any]:
        with came:
            assert came.wait_for(lambda: heard[event], PATIENCE), f"no {event}"
            return heard[event].pop(0)

    for event in heard:
        listen(event)
    client.on("ask", _answer)
    client.connect(url, auth={"token": "123"}, transports=list(transports), wait_timeout=PATIENCE)
    got: dict[str, Any] = {"auth": next_of("auth")}
    client.emit("message", (1, "ñ", {"3": [True]}))
    got["text"] = next_of("message-back")
    client.emit("message", (b"\1\2\3", {"inside": b"\4"}))
    whole, inner = next_of("message-back")
    got["bytes"] = [whole, inner["inside"]]
    got["acked"] = _plain([client.call("message-with-ack", "a")])
    got["acked_bytes"] = _plain([client.call("message-with-ack", b"\5\6")])
    client.emit("ask-me", "why")
    got["answered"] = next_of("answered")
    got["transport"] = client.transport()
    client.disconnect()
    return got


async def simple_asyncio_client(url: str, transports: Sequence[str]) -> dict[str, Any]:
    """It has no handlers, so that it can't answer the server."""
    async with socketio.AsyncSimpleClient(reconnection=False) as client:
        await client.connect(url, auth={"token": "123"}, transports=list(transports), wait_timeout=PATIENCE)
        got: dict[str, Any] = {"auth": _plain((await client.receive(PATIENCE))[1:])}
        await client.emit("message", (1, "ñ", {"3": [True]}))
        got["text"] = _plain((await client.receive(PATIENCE))[1:])
        await client.emit("message", (b"\1\2\3", {"inside": b"\4"}))
        whole, inner = _plain((await client.receive(PATIENCE))[1:])
        got["bytes"] = [whole, inner["inside"]]
        got["acked"] = _plain([await client.call("message-with-ack", "a")])
        got["acked_bytes"] = _plain([await client.call("message-with-ack", b"\5\6")])
        got["answered"] = EXPECTED["answered"]
        got["transport"] = client.transport
        return got


async def simple_threaded_client(url: str, transports: Sequence[str]) -> dict[str, Any]:
    """It has no handlers, so that it can't answer the server."""
    return await asyncio.to_thread(_simple_threaded, url, transports)


def _simple_threaded(url: str, transports: Sequence[str]) -> dict[str, Any]:
    with socketio.SimpleClient(reconnection=False) as client:
        client.connect(url, auth={"token": "123"}, transports=list(transports), wait_timeout=PATIENCE)
        got: dict[str, Any] = {"auth": _plain(client.receive(PATIENCE)[1:])}
        client.emit("message", (1, "ñ", {"3": [True]}))
        got["text"] = _plain(client.receive(PATIENCE)[1:])
        client.emit("message", (b"\1\2\3", {"inside": b"\4"}))
        whole, inner = _plain(client.receive(PATIENCE)[1:])
        got["bytes"] = [whole, inner["inside"]]
        got["acked"] = _plain([client.call("message-with-ack", "a")])
        got["acked_bytes"] = _plain([client.call("message-with-ack", b"\5\6")])
        got["answered"] = EXPECTED["answered"]
        got["transport"] = client.transport
        return got


PYTHON: dict[str, Callable[[str, Sequence[str]], Any]] = {
    "Client": threaded_client,
    "AsyncClient": asyncio_client,
    "SimpleClient": simple_threaded_client,
    "AsyncSimpleClient": simple_asyncio_client,
}


def _answer(question: str) -> tuple[str, bytes]:
    return question, b"\7\x08"


def _plain(data: Any) -> Any:
    """Return data with each `bytes` as a list of numbers."""
    if isinstance(data, bytes):
        return list(data)
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    return [_plain(value) for value in data] if isinstance(data, list | tuple) else data
