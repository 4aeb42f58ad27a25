"""The file of what is one's own: `GET /you/export`.

It is sent while it is made, as JSON. Where the rest can't be read, it is broken off: browsers say so, and
what has arrived is no JSON. All exports of a worker together read one page of messages at a time, and rest
after it for three times as long. So somebody who downloads much costs the others little, and so do many.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from time import monotonic, time
from typing import Any

from relay import LogUnavailable, Quota, Store
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Send

from chat.domain.address import address_of, quotas_of
from chat.domain.identity import Identity
from chat.domain.refusals import Refused
from chat.http.login_cookie import Logins
from chat.http.pages import Pages
from chat.http.retries import retried
from chat.http.signed_in import SignedIn
from chat.rooms.export import Export, Step

logger = logging.getLogger(__name__)

WITHIN = 3600
"""Seconds for which exports count."""
OF_PERSON = 5
OF_ADDRESS = 50
BY_NETWORK = {56: 100, 48: 500}
"""Exports within that time: of a person, of an address, and of the networks of IPv6 with such a prefix around
it."""
RESTS, LONGEST_REST = 3, 1.0
"""How many times as long as it reads a worker rests; and for how many seconds at most."""
QUIET = 10.0
"""Seconds after which a space is sent where nothing else is. nginx gives up an answer that is silent for a
minute."""
LOOKED_EVERY = 5.0
"""Seconds between two looks whether the login still counts."""


class LoginEnded(Exception):
    """Whose export it is, is signed out by now."""


class Parts(StreamingResponse):
    """An answer that is broken off where its parts can't go on."""

    async def stream_response(self, send: Send) -> None:
        """Extends StreamingResponse.stream_response, which would let the answer end in a traceback. uvicorn
        closes the connection of one that is not complete."""
        try:
            await super().stream_response(send)
        except (LogUnavailable, LoginEnded) as error:
            logger.warning("An export was broken off: %s", repr(error))


class ExportFile:
    def __init__(
        self, signed_in: SignedIn, logins: Logins, export: Export, store: Store, pages: Pages
    ) -> None:
        self._signed_in = signed_in
        self._logins = logins
        self._export = export
        self._store = store
        self._pages = pages
        self._turn = asyncio.Lock()
        """Held by the one that reads or rests."""
        self.routes = [Route("/you/export", self.download, methods=["GET"])]

    async def download(self, request: Request) -> Response:
        async def answer(identity: Identity) -> Response:
            headers = {
                "Content-Disposition": f'attachment; filename="tertulia-{datetime.now(UTC):%Y-%m-%d}.json"',
                "Cache-Control": "no-store",
            }
            if request.method == "HEAD":
                return Response(headers=headers, media_type="application/json")
            # All that may fail at once comes first, while a page can still be answered.
            kept, rooms = await asyncio.gather(self._export.about(identity), self._export.rooms())
            await self._count(identity, address_of(request.client))
            says = self._pages.said(request).page["export_hint"]
            head = {"about": says, "at": int(time() * 1000), **kept}
            parts = self._parts(request, identity, head, rooms)
            return Parts(parts, headers=headers, media_type="application/json")

        return await self._signed_in.get(request, answer)

    async def _count(self, identity: Identity, address: str) -> None:
        """Count an export. Raises Refused if there were too many, and LogUnavailable."""
        own = Quota(f"exports of {identity.person.id}", OF_PERSON, WITHIN)
        if spent := await self._store.take(
            own, *quotas_of("exports", address, OF_ADDRESS, BY_NETWORK, WITHIN)
        ):
            detail = "This was downloaded many times within the last hour."
            raise Refused("rate_limited", detail, spent.seconds, reason="many_exports")

    async def _parts(
        self, request: Request, identity: Identity, head: dict[str, Any], rooms: list[str]
    ) -> AsyncIterator[bytes]:
        """Make the file. Raises LoginEnded, and LogUnavailable."""
        yield _encoded(head)[:-1] + b',"messages":['
        before, sent_at, looked_at = b"\n", monotonic(), monotonic()
        for room in rooms:
            step = Step([], 0)
            while step.after is not None:
                step = await self._step(identity, room, step)
                if monotonic() - looked_at > LOOKED_EVERY:
                    looked_at = monotonic()
                    if await self._logins.read(request.scope) is None:
                        raise LoginEnded
                if step.messages:
                    yield before + b",\n".join(map(_encoded, step.messages))
                    before, sent_at = b",\n", monotonic()
                elif monotonic() - sent_at > QUIET:
                    yield b" "
                    sent_at = monotonic()
        yield b'\n],"complete":true}\n'

    async def _step(self, identity: Identity, room: str, last: Step) -> Step:
        async with self._turn:
            began = monotonic()
            step = await retried(lambda: self._export.step(identity, room, last.after or 0, last.until))
            await asyncio.sleep(min(RESTS * (monotonic() - began), LONGEST_REST))
            return step


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
