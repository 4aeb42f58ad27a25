"""A moderator's sign-in over HTTP: the moderators' code, for a cookie that says so.

`GET /moderate[?next=…]` shows the form; `POST /moderate` (`code`, `next`) sets the cookie and redirects to
`next`. It ends with signing out, and with a change of the code. Where only an invitation leads in, who
has no cookie gives a `name` as well, and comes in by the moderators' code.
"""

from relay import LogUnavailable
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chat.domain.address import address_of
from chat.domain.audit import Audit
from chat.domain.entrance import Entrance
from chat.domain.identity import Identity
from chat.domain.moderators import Moderators
from chat.domain.people import Person
from chat.domain.refusals import Refused
from chat.http.login_cookie import Logins
from chat.http.pages import Pages
from chat.http.retries import retried
from chat.http.sign_in import check_origin, read_form, safe_next
from chat.people.known_names import By, KnownNames


class ModeratorSignIn:
    def __init__(
        self,
        logins: Logins,
        moderators: Moderators,
        entrance: Entrance,
        names: KnownNames,
        audit: Audit,
        pages: Pages,
    ) -> None:
        self._logins = logins
        self._moderators = moderators
        self._entrance = entrance
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
        onward = safe_next(request.query_params.get("next"))
        return await retried(lambda: self._empty(request, onward))

    async def _empty(self, request: Request, onward: str) -> Response:
        return self._form(request, onward, self._name(await self._logins.read(request.scope), ""))

    async def take(self, request: Request) -> Response:
        check_origin(request)
        fields = await read_form(request)
        onward = safe_next(fields.get("next"))
        try:
            return await retried(lambda: self._take(request, fields, onward))
        except LogUnavailable:
            return self._form(request, onward, fields.get("name"), unavailable=True)

    async def _take(self, request: Request, fields: dict[str, str], onward: str) -> Response:
        identity = await self._logins.read(request.scope)
        name = self._name(identity, fields.get("name", ""))
        if identity is None and name is None:
            return RedirectResponse("/sign-in", 303)
        try:
            identity = identity or Identity.of(Person.named(name))
            await self._moderators.check(fields.get("code"), address_of(request.client))
        except Refused as refusal:
            return self._form(request, onward, name, refusal)
        await self._names.note(identity.person, By.BADGE)
        # After the rest, which may be tried again: each time this is done makes a line in the list.
        await self._audit.note("moderate", identity.person, address_of(request.client))
        response = RedirectResponse(onward, 303)
        await self._logins.give(request, response, identity.promoted())
        return response

    def _name(self, identity: Identity | None, name: str) -> str | None:
        """Return the name that the form has; None if it asks for none."""
        return name if identity is None and self._entrance.by_invitation else None

    def _form(
        self,
        request: Request,
        onward: str,
        name: str | None,
        refusal: Refused | None = None,
        *,
        unavailable: bool = False,
    ) -> Response:
        context = {"next": onward, "name": name}
        return self._pages.form(request, "moderate.html", context, refusal, unavailable=unavailable)
