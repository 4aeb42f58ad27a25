"""The badge: somebody becomes a moderator over HTTP, by the moderators' code.

`GET /moderate[?next=…]` shows the form; `POST /moderate` (`code`, `next`) puts it into the cookie and goes on
to `next`. Signing out ends it, and so does a change of the code.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chat.domain.address import address_of
from chat.domain.audit import Audit
from chat.domain.known_names import KnownNames
from chat.domain.moderators import Moderators
from chat.domain.refusals import Refused
from chat.http.login_cookie import Identities
from chat.http.pages import Pages
from chat.http.sign_in import STATUS, check_origin, read_form, safe_next


class Badge:
    def __init__(
        self,
        identities: Identities,
        moderators: Moderators,
        names: KnownNames,
        audit: Audit,
        pages: Pages,
    ) -> None:
        self._identities = identities
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
        identity = await self._identities.read(request.scope)
        if identity is None:
            return RedirectResponse("/sign-in", 303)
        try:
            await self._moderators.check(fields.get("code"), address_of(request.client))
        except Refused as refusal:
            return self._form(request, onward, refusal)
        await self._audit.note("moderate", identity.person, address_of(request.client))
        await self._names.note(identity.person.name)
        response = RedirectResponse(onward, 303)
        await self._identities.give(request, response, identity.promoted())
        return response

    def _form(self, request: Request, onward: str, refusal: Refused | None = None) -> Response:
        status = STATUS.get(refusal.error, 400) if refusal else 200
        headers = {"Cache-Control": "no-store"}
        if refusal and refusal.retry_after:
            headers["Retry-After"] = str(refusal.retry_after)
        return self._pages.render(
            request, "moderate.html", {"next": onward, "refusal": refusal}, status, headers
        )
