"""The answers: what polls are answered with, from its writing until the kernel has taken it.

uvicorn takes a whole answer at once, however slowly its client reads, and a client may ask again over another
connection before it has read the last one. So each large answer is counted until then, and for itself: its
session may have gone on, or have ended.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from relay.delivery.buffers import Buffers
from relay.transport.request_filter import respond

logger = logging.getLogger(__name__)

TRANSPORT = "relay.transport"
"""Where the connection of an HTTP request is in `scope["extensions"]`."""
SMALL = 4096
"""Bytes of an answer that is not worth counting beside its connection, which has one at a time."""
COPIES = 2
"""An answer's text, and the frames that it was made of, which engineio holds on to."""


class Answer:
    """One that is being written, to one client."""

    def __init__(self, answers: Answers, transport: asyncio.Transport, size: int) -> None:
        self._answers = answers
        self._transport = transport
        self.held = float(COPIES * size)
        """Bytes of memory that would be free without it."""

    def cut(self) -> None:
        """End the connection of a client that reads too slowly."""
        self._answers.cut += 1
        logger.warning("Dropped an answer that is read too slowly", extra={"about": {"held": self.held}})
        self._answers.forget(self)
        self._transport.abort()


class Answers:
    """Those of all sessions."""

    def __init__(self, buffers: Buffers) -> None:
        self._buffers = buffers
        self.under_way: set[Answer] = set()
        self.cut = 0
        """How many were cut because their clients read too slowly."""

    async def respond(
        self, status: str, headers: list[tuple[str, str]], payload: bytes, environ: dict[str, Any]
    ) -> None:
        """Extends door.respond: waits until the kernel has taken a large answer, or its client has gone."""
        scope, send = environ["asgi.scope"], environ["asgi.send"]
        if len(payload) <= SMALL or scope["type"] != "http":
            await respond(status, headers, payload, environ)
            return
        transport: asyncio.Transport = scope["extensions"][TRANSPORT]
        length = [("Content-Length", str(len(payload)))]  # without it uvicorn copies the text
        lines = [(name.encode(), value.encode()) for name, value in headers + length]
        answer = Answer(self, transport, len(payload))
        self.under_way.add(answer)
        self._buffers.change(int(answer.held))
        try:
            await send({"type": "http.response.start", "status": int(status[:3]), "headers": lines})
            await send({"type": "http.response.body", "body": payload, "more_body": True})
            if not transport.is_closing():
                transport.set_write_buffer_limits(0)  # now uvicorn waits until nothing is left of it
            await send({"type": "http.response.body"})
            if not transport.is_closing():
                transport.set_write_buffer_limits()
        finally:
            self.forget(answer)

    def forget(self, answer: Answer) -> None:
        """Count an answer no more."""
        if answer in self.under_way:
            self.under_way.remove(answer)
            self._buffers.change(-int(answer.held))
