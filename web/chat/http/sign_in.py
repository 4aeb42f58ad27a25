"""Signing in and out over HTTP: a name and, where one is needed, the access code, for a cookie.

`GET /sign-in[?next=…]` shows the form. `POST /sign-in` (`name`, `code`, `next`) sets the cookie and redirects
to `next`. `POST /sign-out` deletes the cookie, disconnects its clients on every worker, and redirects to the
form. A person with a cookie that counts stays the same under a new name, and is not asked for the code again.

Both POSTs are refused when they come from another site's page: browsers name the page's origin, and SameSite
keeps the cookie from being sent along.
"""

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from relay import LogUnavailable, Relay, refuse_origin
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chat.domain import room_names
from chat.domain.address import address_of
from chat.domain.entrance import Entrance
from chat.domain.identity import Identity
from chat.domain.people import Person, check_name
from chat.domain.refusals import Refused
from chat.domain.sanctions import Sanctions
from chat.http.login_cookie import Logins
from chat.http.pages import Pages, Problem
from chat.http.retries import retried
from chat.people.known_names import By, KnownNames

logger = logging.getLogger(__name__)

# The only addresses that a sign-in redirects to.
NEXT = re.compile(rf"/(rooms/{room_names.NAME.pattern})?")
FORM_MAX_BYTES = 8192

Leave = Callable[[Request, Identity], Awaitable[Response | None]]
"""`leave(request, identity)` returns where somebody goes who signs out; None: to the form."""


class SignIn:
    def __init__(
        self,
        relay: Relay,
        logins: Logins,
        entrance: Entrance,
        names: KnownNames,
        sanctions: Sanctions,
        pages: Pages,
        leave: Leave | None = None,
    ) -> None:
        self._relay = relay
        self._leave = leave
        self._names = names
        self._sanctions = sanctions
        self._logins = logins
        self._entrance = entrance
        self._pages = pages
        self.routes = [
            Route("/sign-in", self.form, methods=["GET"]),
            Route("/sign-in", self.sign_in, methods=["POST"]),
            Route("/sign-out", self.sign_out, methods=["POST"]),
        ]

    async def form(self, request: Request) -> Response:
        identity = await retried(lambda: self._logins.read(request.scope))
        name = identity.person.name if identity else ""
        return self._form(request, identity, name, safe_next(request.query_params.get("next")))

    async def sign_in(self, request: Request) -> Response:
        check_origin(request)
        fields = await read_form(request)
        name, onward = fields.get("name", ""), safe_next(fields.get("next"))
        try:
            return await retried(lambda: self._sign_in(request, name, fields.get("code"), onward))
        except LogUnavailable:
            return await self._unavailable(request, name, onward)

    async def _sign_in(self, request: Request, name: str, code: str | None, onward: str) -> Response:
        identity = await self._logins.read(request.scope)
        try:
            check_name(name)  # before an attempt is counted
            if identity is None:
                await self._entrance.check(code, address_of(request.client))
                await self._names.check(check_name(name))
            elif check_name(name) != identity.person.name:
                if not identity.moderator:
                    await self._sanctions.check_mute(identity, address_of(request.client))
                await self._names.check(check_name(name), identity.person.id, By.of(identity))
        except Refused as refusal:
            logger.info("Sign-in refused", extra={"about": {"reason": refusal.error}})
            return self._form(request, identity, name, onward, refusal)
        identity = identity.named(check_name(name)) if identity else Identity.of(Person.named(name))
        response = RedirectResponse(onward, 303)
        await self._logins.give(request, response, identity)
        logger.info("Signed in", extra={"about": {"person": identity.person.id}})
        return response

    async def sign_out(self, request: Request) -> Response:
        check_origin(request)
        return await retried(lambda: self._sign_out(request))

    async def _sign_out(self, request: Request) -> Response:
        response: Response = RedirectResponse("/sign-in", 303)
        # Also of a login that has ended: the first try may have marked it, and not reached the other workers.
        if identity := await self._logins.signed(request.scope):
            if self._leave is not None:
                response = await self._leave(request, identity) or response
            if not await self._logins.end(identity, address_of(request.client)):
                response = self._pages.problem(request, 200, "unmarked")
            self._logins.take_back(response)
            for login in identity.logins:
                await self._relay.disconnect_group(login)
            logger.info("Signed out", extra={"about": {"person": identity.person.id}})
        return response

    async def _unavailable(self, request: Request, name: str, onward: str) -> Response:
        """Return the form with the name that was typed. The code is not in it: a page is kept in more places
        than a password field, and what was typed may be another secret of the person's."""
        try:
            identity = await self._logins.read(request.scope)
        except LogUnavailable:
            identity = None
        return self._form(request, identity, name, onward, unavailable=True)

    def _form(
        self,
        request: Request,
        identity: Identity | None,
        name: str,
        onward: str,
        refusal: Refused | None = None,
        *,
        unavailable: bool = False,
    ) -> Response:
        if identity is None and self._entrance.by_invitation:
            only: dict[str, Any] = {"can_moderate": self._pages.moderators.possible, "next": onward}
            return self._pages.form(request, "by_invitation.html", only, refusal)
        context: dict[str, Any] = {
            "name": name,
            "next": onward,
            "needs_code": identity is None and self._entrance.needs_code,
            "person": identity.person if identity else None,
        }
        return self._pages.form(request, "sign_in.html", context, refusal, unavailable=unavailable)


def safe_next(address: str | None) -> str:
    """Return the address to redirect to: that of a room, and the lobby's if anything else is given."""
    return address if address and NEXT.fullmatch(address) else "/"


def check_origin(request: Request) -> None:
    """Raise Problem (403) if the request comes from a page of another origin. Programs name none."""
    if foreign := refuse_origin(request.scope):
        detail = f"The form was sent from a page of another site: {foreign}."
        raise Problem(403, "other_site", detail, site=request.headers["origin"][:200])


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form, the first of each name. Raises Problem."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        detail = "The fields are expected as application/x-www-form-urlencoded."
        raise Problem(415, "form_type", detail)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_MAX_BYTES:
            detail = f"The form is larger than {FORM_MAX_BYTES} bytes."
            raise Problem(413, "form_too_large", detail, most=FORM_MAX_BYTES)
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        detail = "The form can't be read: expected UTF-8 fields, at most 20."
        raise Problem(400, "form_unreadable", detail) from None
    return {name: values[0] for name, values in fields.items()}
