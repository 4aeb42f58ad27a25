"""What moderators can do for one person, and who moderates.

`GET /people/<id>` shows a person; an owner gives and takes roles there, by `POST /people/<id>/role` (`role`).
`GET /roles` lists who moderates. The way back is made by new_tickets.py.
"""

from relay import LogUnavailable
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chat.domain.address import address_of
from chat.domain.audit import Audit
from chat.domain.identity import Identity
from chat.domain.messages import check_id
from chat.domain.moderators import check_moderator
from chat.domain.refusals import Refused
from chat.domain.roles import MEMBER, MODERATE, MODERATOR, OWNER
from chat.http.login_cookie import Logins
from chat.http.pages import Pages
from chat.http.retries import retried
from chat.http.sign_in import check_origin, read_form
from chat.people.roles import Roles

GIVEN = (MODERATOR, OWNER, MEMBER)
"""The roles that an owner gives; the last one takes another."""


class PersonPages:
    def __init__(self, logins: Logins, roles: Roles, audit: Audit, pages: Pages) -> None:
        self._logins = logins
        self._roles = roles
        self._audit = audit
        self._pages = pages
        self.routes = [
            Route("/people/{person}", self.show, methods=["GET"]),
            Route("/people/{person}/role", self.give, methods=["POST"]),
            Route("/roles", self.list, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        return await retried(lambda: self._show(request))

    async def give(self, request: Request) -> Response:
        check_origin(request)
        role = (await read_form(request)).get("role", "")
        try:
            return await retried(lambda: self._give(request, role))
        except LogUnavailable:
            context = {"action": request.url.path, "fields": {"role": role}}
            return self._pages.form(request, "again.html", context, unavailable=True)

    async def list(self, request: Request) -> Response:
        return await retried(lambda: self._list(request))

    async def _show(self, request: Request, refusal: Refused | None = None) -> Response:
        by = await self._logins.read(request.scope)
        if by is None:
            return RedirectResponse("/sign-in", 303)
        try:
            check_moderator(by)
            person = check_id(request.path_params["person"])
            record = await self._roles.record(person)
        except Refused as refused:
            return self._pages.refusal(request, refused)
        context = {
            "id": person,
            "name": record.name,
            "role": record.role,
            "moderates": record.role in MODERATE,
            "given": [
                each for each in GIVEN if each != record.role and (each != MEMBER or record.role in MODERATE)
            ],
            "owner": by.owner,
        }
        return self._pages.form(request, "person.html", context, refusal)

    async def _give(self, request: Request, role: str) -> Response:
        by = await self._logins.read(request.scope)
        if by is None:
            return RedirectResponse("/sign-in", 303)
        person = request.path_params["person"]
        try:
            self._check_owner(by)
            if role not in GIVEN:
                raise Refused("invalid", f"`role` is one of {', '.join(GIVEN)}.")
            record = await self._roles.record(check_id(person))
            about = {"id": person, "name": record.name}
            if record.role != role:
                await self._audit.note(f"make {role}", by.person, address_of(request.client), person=about)
            await self._roles.give(person, role)
        except Refused as refusal:
            return await self._show(request, refusal)
        return RedirectResponse(f"/people/{person}", 303)

    async def _list(self, request: Request) -> Response:
        by = await self._logins.read(request.scope)
        if by is None:
            return RedirectResponse("/sign-in", 303)
        try:
            check_moderator(by)
        except Refused as refusal:
            return self._pages.refusal(request, refusal)
        return self._pages.form(request, "roles.html", {"holders": await self._roles.all()})

    def _check_owner(self, by: Identity) -> None:
        if not by.owner:
            raise Refused("forbidden", "Only an owner gives and takes roles.", reason="owners_only")
