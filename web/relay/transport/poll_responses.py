"""Poll responses: what polls are answered with, from the moment it is written until the kernel has taken it.

uvicorn takes a whole response at once, however slowly its client reads, and a client may poll again over
another connection before it has read the last response. So each large response is counted on its own until
then: its session may have gone on, or may have ended.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from relay.delivery.buffers import Buffers
from relay.transport.request_filter import lower_case, respond
from relay.transport.slow_readers import SlowReaders

logger = logging.getLogger(__name__)

TRANSPORT = "relay.transport"
"""Where an HTTP request's connection is in `scope["extensions"]`."""
SMALL = 4096
"""Bytes up to which a response is not counted: it is small beside its connection, which has one at a time."""
COPIES = 2
"""A response's text, and the frames it was made of, which engineio keeps meanwhile."""


class PollResponse:
    """A response that is being written to one client."""

    def __init__(self, responses: PollResponses, transport: asyncio.Transport, size: int) -> None:
        self._responses = responses
        self._transport = transport
        self.held = float(COPIES * size)
        """Bytes of memory that would be free without it."""

    def disconnect_slow_reader(self) -> None:
        """Close the connection of a client that reads too slowly."""
        self._responses.slow_readers.disconnected += 1
        logger.warning("Dropped an answer that is read too slowly", extra={"about": {"held": self.held}})
        self._responses.forget(self)
        self._transport.abort()


class PollResponses:
    """The responses of all sessions."""

    def __init__(self, buffers: Buffers, slow_readers: SlowReaders) -> None:
        self._buffers = buffers
        self.slow_readers = slow_readers
        self.under_way: set[PollResponse] = set()

    async def respond(
        self, status: str, headers: list[tuple[str, str]], payload: bytes, environ: dict[str, Any]
    ) -> None:
        """Extends request_filter.respond: waits until the kernel has taken a large response, or its client
        has gone."""
        scope, send = environ["asgi.scope"], environ["asgi.send"]
        if len(payload) <= SMALL or scope["type"] != "http":
            await respond(status, headers, payload, environ)
            return
        transport: asyncio.Transport = scope["extensions"][TRANSPORT]
        length = [("content-length", str(len(payload)))]  # without it uvicorn copies the text
        lines = [(name.encode(), value.encode()) for name, value in lower_case(headers) + length]
        response = PollResponse(self, transport, len(payload))
        self.under_way.add(response)
        self._buffers.change(int(response.held))
        try:
            await send({"type": "http.response.start", "status": int(status[:3]), "headers": lines})
            await send({"type": "http.response.body", "body": payload, "more_body": True})
            if not transport.is_closing():
                transport.set_write_buffer_limits(0)  # now uvicorn waits until nothing is left of it
            await send({"type": "http.response.body"})
            if not transport.is_closing():
                transport.set_write_buffer_limits()
        finally:
            self.forget(response)

    def forget(self, response: PollResponse) -> None:
        """Stop counting a response."""
        if response in self.under_way:
            self.under_way.remove(response)
            self._buffers.change(-int(response.held))
