"""The page of the directory: `GET /rooms[?find=…&after=…&archived=1]` lists the open rooms, for whoever may
come in: those in use, or those that are archived."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chat.http.login_cookie import Logins
from chat.http.pages import Pages
from chat.http.retries import retried
from chat.rooms.directory import Directory

FIND_MAX_CHARS = 80
"""What is looked at of a search; addresses and titles are no longer."""


class DirectoryPage:
    def __init__(self, logins: Logins, directory: Directory, pages: Pages) -> None:
        self._logins = logins
        self._directory = directory
        self._pages = pages
        self.routes = [Route("/rooms", self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        return await retried(lambda: self._show(request))

    async def _show(self, request: Request) -> Response:
        if await self._logins.read(request.scope) is None and not self._pages.entrance.is_open:
            return RedirectResponse(f"/sign-in?next={quote('/')}", 303)
        text = request.query_params.get("find", "")[:FIND_MAX_CHARS].strip()
        after, archived = request.query_params.get("after", ""), "archived" in request.query_params
        found = await self._directory.find(text, after, archived=archived)
        context = {"find": text, "rooms": found.rooms, "more": found.more, "archived": archived}
        return self._pages.form(request, "directory.html", context)
