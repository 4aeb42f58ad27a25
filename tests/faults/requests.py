"""The requests: how each one ended, as its client saw it."""

import asyncio
import time
from collections import Counter
from types import SimpleNamespace
from typing import NamedTuple

import aiohttp


class Failure(NamedTuple):
    """`status`: 0 where there was no answer. `sid`: empty of a handshake, or a page."""

    at: float
    method: str
    path: str
    sid: str
    status: int


class Requests:
    """Of all clients whose HTTP session was given `trace`."""

    def __init__(self) -> None:
        self.statuses: Counter[int] = Counter()
        self.failures: list[Failure] = []
        self.trace = aiohttp.TraceConfig()
        self.trace.on_request_end.append(self._ended)
        self.trace.on_request_exception.append(self._broke)

    async def _ended(self, _: object, __: SimpleNamespace, end: aiohttp.TraceRequestEndParams) -> None:
        self._record(end, end.response.status)

    async def _broke(self, _: object, __: SimpleNamespace, end: aiohttp.TraceRequestExceptionParams) -> None:
        # What a client gives up itself was no answer of anybody's.
        if not isinstance(end.exception, asyncio.CancelledError):
            self._record(end, getattr(end.exception, "status", 0))

    def _record(
        self, end: aiohttp.TraceRequestEndParams | aiohttp.TraceRequestExceptionParams, status: int
    ) -> None:
        self.statuses[status] += 1
        if not 100 <= status < 400:
            sid = end.url.query.get("sid", "")
            self.failures.append(Failure(time.monotonic(), end.method, end.url.path, sid, status))
