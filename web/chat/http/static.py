"""The static files of a process that serves them itself, under a version so that a new release is seen at
once."""

from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parents[2] / "static"


def version(folder: Path = FOLDER) -> str:
    """Return 12 hex digits that change with any file: what this prints inside the folder.

    find . -type f | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -c1-12
    """
    files = sorted("./" + file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    lines = [
        f"{sha256((folder / file).read_bytes()).hexdigest()}  {file}\n"
        for file in sorted(files, key=str.encode)
    ]
    return sha256("".join(lines).encode()).hexdigest()[:12]


class VersionedFiles(StaticFiles):
    """Files under `/static/{version}`: the current version's never change. Another version's path has the
    current files, which are then not kept; or nothing if `strict`: behind nginx another worker may have
    it."""

    def __init__(self, folder: Path, current: str, strict: bool) -> None:
        super().__init__(directory=folder)
        self.current = current
        self.strict = strict

    async def get_response(self, path: str, scope: Scope) -> Response:
        current = scope["path_params"]["version"] == self.current
        if self.strict and not current:
            raise HTTPException(404)
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if current else "no-cache"
        return response


class UnversionedFiles(StaticFiles):
    """Files whose path is a promise, such as the client bundle's: kept, and asked for again each time."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


async def service_worker(request: Request) -> FileResponse:
    """The service worker, at the root: it answers for the paths below its own."""
    return FileResponse(FOLDER / "service-worker.js", headers={"Cache-Control": "no-cache"})
