"""The chat, with a count of which handlers ran and for what, in /tmp/handled. Runs inside a worker of the
stack under fuzz, where there is nothing but `relay`, `chat` and what they need."""

import json
import sys
import threading
import time
from collections import Counter
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from chat.__main__ import main
from relay.server import RelayServer

by_event: ContextVar[bool] = ContextVar("by_event", default=False)
ran: Counter[str] = Counter()
servers: list[Any] = []

begin, run, take = RelayServer.start, RelayServer._trigger_event, RelayServer._handle_event


async def start(server: Any) -> None:
    servers.append(server)
    await begin(server)


async def counted(server: Any, event: str, *arguments: Any) -> Any:
    lifecycle = event in ("connect", "disconnect")
    ran["forged" if lifecycle == by_event.get() else event] += 1
    return await run(server, event, *arguments)


async def marked(server: Any, *arguments: Any) -> None:
    token = by_event.set(True)
    try:
        await take(server, *arguments)
    finally:
        by_event.reset(token)


def tell() -> None:
    while True:
        time.sleep(0.25)
        sessions = {"sessions": sum(len(server.eio.sockets) for server in servers)}
        pending = {"pending": sum(len(server.eio.pending) for server in servers)}
        Path("/tmp/handled.new").write_text(json.dumps({**ran, **sessions, **pending}))
        Path("/tmp/handled.new").rename("/tmp/handled")


RelayServer.start, RelayServer._trigger_event, RelayServer._handle_event = start, counted, marked  # type: ignore[assignment,method-assign]
threading.Thread(target=tell, daemon=True).start()
sys.exit(main())
