"""Uploads over HTTP, by the core of the protocol tus 1.0 (https://tus.io/protocols/resumable-upload).

`POST /uploads/<room>` with `Upload-Length` and a `filename` in `Upload-Metadata` announces a file, and
answers 201 with its address in `Location`; the last part of that is the file's id. `HEAD` there says in
`Upload-Offset` how much has arrived. `PATCH` brings the bytes from there on, PIECE of them at most, and
`DELETE` gives the upload up. The PATCH that brings the last byte is answered when the file is whole. Any
worker takes any of them. What is wrong is said in JSON, as events say it.
"""

import asyncio
import base64
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from email.utils import formatdate
from time import monotonic

from relay import LogUnavailable
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chat.domain import room_names
from chat.domain.address import address_of
from chat.domain.identity import Identity
from chat.domain.refusals import Refused
from chat.files.ids import ID
from chat.files.stored import StoreUnavailable
from chat.files.uploads import PIECE, TooLarge, Uploads, WrongOffset, no_such_upload
from chat.http.callers import Callers
from chat.http.retries import retried
from chat.http.sign_in import check_origin
from chat.rooms.access import unknown_room
from chat.rooms.file_access import FileAccess

logger = logging.getLogger(__name__)

VERSION = "1.0.0"
HEADERS = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
OFFERED = {
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,expiration,termination",
}
PIECE_SECONDS = 120
"""Within which a piece has to come. What came by then is kept."""
RETRY_AFTER = 5
BODY = "application/offset+octet-stream"
STATUS = {
    "invalid": 400,
    "forbidden": 403,
    "muted": 403,
    "banned": 403,
    "locked": 403,
    "archived": 403,
    "wrong_code": 403,
    "no_such_room": 404,
    "no_such_upload": 404,
    "too_long": 413,
    "file_kind": 415,
    "limit": 429,
    "rate_limited": 429,
    "files_bytes_in_all": 507,
}
"""How a refusal is answered: by its reason, or else by its error."""

Work = Callable[[Identity, str], Awaitable[Response]]


class UploadRoutes:
    def __init__(self, callers: Callers, access: FileAccess, uploads: Uploads, max_bytes: int) -> None:
        self._callers = callers
        self._access = access
        self._uploads = uploads
        self._max_bytes = max_bytes
        self.routes = [
            Route("/uploads/{room}", self.offer, methods=["OPTIONS"]),
            Route("/uploads/{room}", self.announce, methods=["POST"]),
            Route("/uploads/{room}/{id}", self.offset, methods=["HEAD"]),
            Route("/uploads/{room}/{id}", self.append, methods=["PATCH"]),
            Route("/uploads/{room}/{id}", self.end, methods=["DELETE"]),
        ]

    async def offer(self, request: Request) -> Response:
        return Response(status_code=204, headers=HEADERS | OFFERED | {"Tus-Max-Size": str(self._max_bytes)})

    async def announce(self, request: Request) -> Response:
        async def work(identity: Identity, room: str) -> Response:
            size = _number(request, "Upload-Length")
            name = _metadata(request).get("filename", "")
            address = address_of(request.client)
            upload = await self._uploads.begin(room, identity.person.id, address, name, size)
            headers = {
                "Location": f"/uploads/{room}/{upload.id}",
                "Upload-Expires": formatdate(upload.ends, usegmt=True),
            }
            about = {"person": identity.person.id, "file": upload.id, "bytes": size}
            logger.info("Upload announced", extra={"about": about})
            return Response(status_code=201, headers=HEADERS | headers)

        return await self._answered(request, work)

    async def offset(self, request: Request) -> Response:
        async def work(identity: Identity, room: str) -> Response:
            upload = await retried(lambda: self._uploads.find(room, identity.person.id, _id(request)))
            headers = {"Upload-Offset": str(upload.offset), "Upload-Length": str(upload.size)}
            return Response(
                headers=HEADERS | headers | {"Upload-Expires": formatdate(upload.ends, usegmt=True)}
            )

        return await self._answered(request, work)

    async def append(self, request: Request) -> Response:
        async def work(identity: Identity, room: str) -> Response:
            if request.headers.get("content-type", "").strip().lower() != BODY:
                return _said(415, Refused("invalid", f"A piece is sent as {BODY}."))
            offset, length = _number(request, "Upload-Offset"), request.headers.get("content-length", "")
            if length.isdecimal() and int(length) > PIECE:
                raise TooLarge
            upload = await self._uploads.append(
                room, identity.person.id, _id(request), offset, _body(request)
            )
            headers = {
                "Upload-Offset": str(upload.offset),
                "Upload-Expires": formatdate(upload.ends, usegmt=True),
            }
            return Response(status_code=204, headers=HEADERS | headers)

        return await self._answered(request, work)

    async def end(self, request: Request) -> Response:
        async def work(identity: Identity, room: str) -> Response:
            await self._uploads.end(room, identity.person.id, _id(request))
            return Response(status_code=204, headers=HEADERS)

        return await self._answered(request, work)

    async def _answered(self, request: Request, work: Work) -> Response:
        """Return what `work(identity, room)` answers to somebody who may write in the room."""
        check_origin(request)
        if request.headers.get("tus-resumable") != VERSION:
            detail = f"Expected the header Tus-Resumable: {VERSION}."
            return _said(412, Refused("invalid", detail), OFFERED)
        room = request.path_params["room"]
        try:
            if not room_names.NAME.fullmatch(room):
                raise unknown_room()
            identity = await self._callers.of(request)
            await self._access.check_bringing(identity, address_of(request.client), room)
            return await work(identity, room)
        except Refused as refusal:
            status = STATUS.get(str(refusal.values.get("reason")), STATUS.get(refusal.error, 400))
            return _said(status, refusal)
        except WrongOffset:
            detail = "The upload has come to another place. HEAD says to which."
            return _said(409, Refused("invalid", detail))
        except TooLarge:
            detail = f"A piece has {PIECE} bytes at most, and no more than is missing of the file."
            return _said(413, Refused("invalid", detail))
        except (LogUnavailable, StoreUnavailable):
            detail = "This can't be kept now. Try again."
            return _said(503, Refused("unavailable", detail, RETRY_AFTER))


def _said(status: int, refusal: Refused, headers: dict[str, str] | None = None) -> Response:
    wait = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
    return JSONResponse(refusal.answer(), status, HEADERS | wait | (headers or {}))


def _id(request: Request) -> str:
    id: str = request.path_params["id"]
    if not ID.fullmatch(id):
        raise no_such_upload()
    return id


def _number(request: Request, name: str) -> int:
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise Refused("invalid", f"{name} is a number of bytes.")
    return int(text)


def _metadata(request: Request) -> dict[str, str]:
    """Return what Upload-Metadata says. Raises Refused."""
    found = {}
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except ValueError:
            detail = "Upload-Metadata has keys, each with a value in Base64 of UTF-8, and commas between."
            raise Refused("invalid", detail) from None
    return found


async def _body(request: Request) -> AsyncIterator[bytes]:
    """Return what comes of a piece, until its connection breaks or its time is over."""
    stream, end = aiter(request.stream()), monotonic() + PIECE_SECONDS
    try:
        while chunk := await asyncio.wait_for(anext(stream, b""), end - monotonic()):
            yield chunk
    except (ClientDisconnect, TimeoutError):
        return
