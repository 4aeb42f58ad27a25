"""Files that people share, for whoever may read their room: `GET /files/<room>/<id>[/thumbnail]`.

The worker says who may have a file, and nginx brings it: from the folder, or from the store's own address,
which nobody else learns. In a process without nginx the worker brings it. A file whose message has gone is
there no more, and neither is one in a room that somebody may not read: the answers are the same.

A browser asks again each time whether a file is still there, which costs an empty answer. It shows images,
sound and films, and keeps everything else on its disk. Nothing in a file runs.
"""

import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from relay import LogUnavailable
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from chat.domain import room_names
from chat.domain.address import address_of
from chat.domain.refusals import Refused
from chat.files import kinds
from chat.files.attachments import Attachments
from chat.files.file_record import File
from chat.files.ids import ID
from chat.files.names import disposition
from chat.files.stored import FileStore, StoreUnavailable
from chat.http.callers import Callers
from chat.http.pages import Problem
from chat.http.retries import retried
from chat.rooms.file_access import FileAccess

CACHED = "private, no-cache"
THUMBNAIL = "image/webp"
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class FileRoutes:
    def __init__(
        self, callers: Callers, access: FileAccess, attachments: Attachments, store: FileStore, *, nginx: bool
    ) -> None:
        """`nginx`: whether it is in front, and brings the files."""
        self._callers = callers
        self._access = access
        self._attachments = attachments
        self._store = store
        self._nginx = nginx
        self.routes = [
            Route("/files/{room}/{id}", self.file, methods=["GET"]),
            Route("/files/{room}/{id}/thumbnail", self.thumbnail, methods=["GET"]),
        ]

    async def file(self, request: Request) -> Response:
        file = await self._find(request)
        headers = {"Content-Disposition": disposition(file.name, inline=file.type in kinds.SHOWN)}
        return await self._bring(request, file.key, file.type, headers)

    async def thumbnail(self, request: Request) -> Response:
        file = await self._find(request)
        if not file.width:
            raise no_such_file()
        return await self._bring(request, file.thumbnail, THUMBNAIL, {"Content-Disposition": "inline"})

    async def _find(self, request: Request) -> File:
        """Return the file that is asked for, by somebody who may have it. Raises Problem, and
        LogUnavailable."""
        room, id = request.path_params["room"], request.path_params["id"]
        if not room_names.NAME.fullmatch(room) or not ID.fullmatch(id):
            raise no_such_file()

        async def work() -> File | None:
            identity = await self._callers.of(request)
            await self._access.check_having(identity, address_of(request.client), room)
            return await self._attachments.find(room, id)

        try:
            file = await retried(work)
        except Refused:
            raise no_such_file() from None
        if file is None:
            raise no_such_file()
        return file

    async def _bring(self, request: Request, key: str, type: str, headers: dict[str, str]) -> Response:
        headers = headers | {"Content-Type": type, "Cache-Control": CACHED, "Accept-Ranges": "bytes"}
        try:
            if self._nginx:
                return Response(headers=headers | {"X-Accel-Redirect": await self._inside(request, key)})
            return await self._stream(request, key, headers)
        except StoreUnavailable as error:
            raise LogUnavailable(str(error)) from None

    async def _inside(self, request: Request, key: str) -> str:
        """Return the address at which nginx finds what lies there; see nginx/snippets/files.conf."""
        if self._store.is_folder:
            return f"/stored/{key}"
        parts = urlsplit(await self._store.signed(key, request.method))
        return f"/stored-elsewhere/{parts.scheme}/{parts.netloc}{parts.path}?{parts.query}"

    async def _stream(self, request: Request, key: str, headers: dict[str, str]) -> Response:
        size = await self._store.size(key)
        start, end, status = 0, size, 200
        if (asked := RANGE.fullmatch(request.headers.get("range", ""))) and (asked[1] or asked[2]):
            start, end = _range(asked[1], asked[2], size)
            status = 206
            if start >= end:
                return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        headers["Content-Length"] = str(end - start)
        if request.method == "HEAD":
            return Response(status_code=status, headers=headers)
        return StreamingResponse(self._chunks(key, start, end), status, headers)

    async def _chunks(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        async for chunk in self._store.chunks(key, start, end):
            yield chunk


def no_such_file() -> Problem:
    """Return the answer to whom there is no such file."""
    return Problem(404, "no_such_file", "There is no such file, or its message was deleted.")


def _range(first: str, last: str, size: int) -> tuple[int, int]:
    """Return the first byte that is asked for, and the one after the last (RFC 9110, 14.1.2)."""
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(int(last) + 1, size) if last else size
