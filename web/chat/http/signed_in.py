"""What all pages for people with a cookie answer alike: whoever has none is sent to sign in, a refusal is a
page, and a form that can't be taken while Redis is away is sent again."""

from collections.abc import Awaitable, Callable

from relay import LogUnavailable
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from chat.domain.identity import Identity
from chat.domain.refusals import Refused
from chat.http.login_cookie import Logins
from chat.http.pages import Pages
from chat.http.retries import retried
from chat.http.sign_in import check_origin, read_form

Fields = dict[str, str]
Show = Callable[[Identity], Awaitable[Response]]
Do = Callable[[Identity, Fields], Awaitable[Response]]


class SignedIn:
    def __init__(self, logins: Logins, pages: Pages) -> None:
        self._logins = logins
        self._pages = pages

    async def get(self, request: Request, show: Show) -> Response:
        """Return the page that `show(identity)` makes. It may raise Refused."""

        async def work() -> Response:
            identity = await self._logins.read(request.scope)
            return RedirectResponse("/sign-in", 303) if identity is None else await show(identity)

        try:
            return await retried(work)
        except Refused as refusal:
            return self._pages.refusal(request, refusal)

    async def post(self, request: Request, do: Do) -> Response:
        """Return what `do(identity, fields)` answers to a form. It may raise Refused, and is called again
        while Redis can't be reached."""
        check_origin(request)
        fields = await read_form(request)
        try:
            return await self.get(request, lambda identity: do(identity, fields))
        except LogUnavailable:
            context = {"action": request.url.path, "fields": fields}
            return self._pages.form(request, "again.html", context, unavailable=True)
