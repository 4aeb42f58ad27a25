"""A moderator's sign-in over HTTP: the moderators' code, for a cookie that says so.

`GET /moderate[?next=…]` shows the form; `POST /moderate` (`code`, `next`) sets the cookie and redirects to
`next`. It ends with signing out, and with a change of the code.
"""

from relay import LogUnavailable
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chat.domain.address import address_of
from chat.domain.audit import Audit
from chat.domain.known_names import KnownNames
from chat.domain.moderators import Moderators
from chat.domain.refusals import Refused
from chat.http.login_cookie import Logins
from chat.http.pages import Pages
from chat.http.retries import retried
from chat.http.sign_in import check_origin, read_form, safe_next


class ModeratorSignIn:
    def __init__(
        self,
        logins: Logins,
        moderators: Moderators,
        names: KnownNames,
        audit: Audit,
        pages: Pages,
    ) -> None:
        self._logins = logins
        self._moderators = moderators
        self._names = names
        self._audit = audit
        self._pages = pages
        self.routes = [
            Route("/moderate", self.form, methods=["GET"]),
            Route("/moderate", self.take, methods=["POST"]),
        ]

    async def form(self, request: Request) -> Response:
        if not self._moderators.possible:
            return self._pages.problem(request, 404, "no_moderators")
        return self._form(request, safe_next(request.query_params.get("next")))

    async def take(self, request: Request) -> Response:
        check_origin(request)
        fields = await read_form(request)
        onward = safe_next(fields.get("next"))
        try:
            return await retried(lambda: self._take(request, fields.get("code"), onward))
        except LogUnavailable:
            return self._form(request, onward, unavailable=True)

    async def _take(self, request: Request, code: str | None, onward: str) -> Response:
        identity = await self._logins.read(request.scope)
        if identity is None:
            return RedirectResponse("/sign-in", 303)
        try:
            await self._moderators.check(code, address_of(request.client))
        except Refused as refusal:
            return self._form(request, onward, refusal)
        await self._names.note(identity.person.name)
        # After the rest, which may be tried again: each time this is done makes a line in the list.
        await self._audit.note("moderate", identity.person, address_of(request.client))
        response = RedirectResponse(onward, 303)
        await self._logins.give(request, response, identity.promoted())
        return response

    def _form(
        self, request: Request, onward: str, refusal: Refused | None = None, *, unavailable: bool = False
    ) -> Response:
        context = {"next": onward}
        return self._pages.form(request, "moderate.html", context, refusal, unavailable=unavailable)
