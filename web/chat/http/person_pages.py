"""What moderators can do for one person, and who moderates.

`GET /people/<id>` shows a person. A moderator ends all of their logins there, by `POST /people/<id>/logins`,
and puts them out for good or takes them back, by `POST /people/<id>/state` (`state`: out or in). An owner
gives and takes roles, by `POST /people/<id>/role` (`role`). `GET /roles` lists who moderates. The way back is
made by new_tickets.py.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple

from relay import LogUnavailable
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chat.domain.address import address_of
from chat.domain.audit import Audit
from chat.domain.identity import Identity
from chat.domain.known_names import KnownNames
from chat.domain.messages import check_id
from chat.domain.moderators import check_moderator
from chat.domain.people import Person
from chat.domain.refusals import Refused
from chat.domain.roles import MEMBER, MODERATE, MODERATOR, OWNER
from chat.http.login_cookie import Logins
from chat.http.pages import Pages
from chat.http.retries import retried
from chat.http.sign_in import check_origin, read_form
from chat.people.ended_logins import EndedLogins
from chat.people.person_record import PersonRecord
from chat.people.roles import Roles
from chat.rooms.exclusion import Exclusion

GIVEN = (MODERATOR, OWNER, MEMBER)
"""The roles that an owner gives; the last one takes another."""


class By(NamedTuple):
    """Who does something, and from where."""

    identity: Identity
    address: str


Doing = Callable[[By, Person, PersonRecord, dict[str, str]], Awaitable[None]]


class PersonPages:
    def __init__(
        self,
        logins: Logins,
        roles: Roles,
        exclusion: Exclusion,
        ended: EndedLogins,
        names: KnownNames,
        audit: Audit,
        pages: Pages,
    ) -> None:
        self._logins = logins
        self._roles = roles
        self._exclusion = exclusion
        self._ended = ended
        self._names = names
        self._audit = audit
        self._pages = pages
        self.routes = [
            Route("/people/{person}", self.show, methods=["GET"]),
            Route("/people/{person}/role", partial(self.post, self._give), methods=["POST"]),
            Route("/people/{person}/state", partial(self.post, self._say), methods=["POST"]),
            Route("/people/{person}/logins", partial(self.post, self._end), methods=["POST"]),
            Route("/roles", self.list, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        return await retried(lambda: self._show(request))

    async def post(self, do: Doing, request: Request) -> Response:
        """Do what a form asks, and show the page again."""
        check_origin(request)
        fields = await read_form(request)
        try:
            return await retried(lambda: self._post(do, request, fields))
        except LogUnavailable:
            context = {"action": request.url.path, "fields": fields}
            return self._pages.form(request, "again.html", context, unavailable=True)

    async def _post(self, do: Doing, request: Request, fields: dict[str, str]) -> Response:
        by = await self._logins.read(request.scope)
        if by is None:
            return RedirectResponse("/sign-in", 303)
        id = request.path_params["person"]
        try:
            check_moderator(by)
            record = await self._roles.record(check_id(id))
            await do(By(by, address_of(request.client)), Person(id, record.name), record, fields)
        except Refused as refusal:
            return await self._show(request, refusal)
        return RedirectResponse(f"/people/{id}", 303)

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
            "out": record.out,
            "may_put_out": record.role not in MODERATE or (by.owner and record.role != OWNER),
        }
        return self._pages.form(request, "person.html", context, refusal)

    async def _give(self, by: By, person: Person, record: PersonRecord, fields: dict[str, str]) -> None:
        role = fields.get("role", "")
        if not by.identity.owner:
            raise Refused("forbidden", "Only an owner gives and takes roles.", reason="owners_only")
        if role not in GIVEN:
            raise Refused("invalid", f"`role` is one of {', '.join(GIVEN)}.")
        if record.out:
            raise Refused("forbidden", "This person was put out.", reason="person_is_out")
        if record.role != role:
            await self._note(f"make {role}", by, person)
        await self._roles.give(person.id, role)
        if role in MODERATE:  # so that nobody takes it before they come again
            await self._names.note(person.name)

    async def _say(self, by: By, person: Person, record: PersonRecord, fields: dict[str, str]) -> None:
        state = fields.get("state", "")
        if state not in ("in", "out"):
            raise Refused("invalid", "`state` is in or out.")
        _check_rank(by, record)
        if person.id == by.identity.person.id:
            raise Refused("invalid", "This is you.", reason="oneself")
        if state == "in":
            await self._note("take back", by, person)
            return await self._exclusion.take_back(person.id)
        await self._note("put out", by, person)
        if record.role in MODERATE:
            await self._roles.give(person.id, MEMBER)
        await self._exclusion.put_out(person, by.identity.person)

    async def _end(self, by: By, person: Person, record: PersonRecord, fields: dict[str, str]) -> None:
        _check_rank(by, record)
        await self._note("end logins", by, person)
        await self._ended.end_all(person.id)

    async def _note(self, what: str, by: By, person: Person) -> None:
        about = {"id": person.id, "name": person.name}
        await self._audit.note(what, by.identity.person, by.address, person=about)

    async def _list(self, request: Request) -> Response:
        by = await self._logins.read(request.scope)
        if by is None:
            return RedirectResponse("/sign-in", 303)
        try:
            check_moderator(by)
        except Refused as refusal:
            return self._pages.refusal(request, refusal)
        return self._pages.form(request, "roles.html", {"holders": await self._roles.all()})


def _check_rank(by: By, record: PersonRecord) -> None:
    """Raise Refused if it is somebody whose logins and state are not this moderator's to end."""
    if record.role == OWNER or (record.role in MODERATE and not by.identity.owner):
        detail = "Only an owner can do this to a moderator, and nobody to an owner. Take the role first."
        raise Refused("forbidden", detail, reason="rank")
