"""What moderators can do for one person, and who moderates.

`GET /people/<id>` shows a person. A moderator ends all of their logins and passkeys there, by `POST
/people/<id>/logins`, and puts them out for good or takes them back, by `POST /people/<id>/state` (`state`:
out or in; erased: out, and their name goes). An owner gives and takes roles, by `POST /people/<id>/role`
(`role`). `GET /roles` lists who moderates. The way back is made by new_tickets.py.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chat.domain.address import address_of
from chat.domain.audit import Audit
from chat.domain.identity import Identity
from chat.domain.messages import check_id
from chat.domain.moderators import check_moderator
from chat.domain.people import Person
from chat.domain.refusals import Refused
from chat.domain.roles import MEMBER, MODERATE, MODERATOR, OWNER
from chat.http.pages import Pages
from chat.http.signed_in import Fields, SignedIn
from chat.people.ended_logins import EndedLogins
from chat.people.known_names import KnownNames
from chat.people.passkeys import Passkeys
from chat.people.person_record import PersonRecord
from chat.people.roles import Roles
from chat.rooms.erasure import Erasure
from chat.rooms.exclusion import Exclusion

GIVEN = (MODERATOR, OWNER, MEMBER)
"""The roles that an owner gives; the last one takes another."""


class By(NamedTuple):
    """Who does something, and from where."""

    identity: Identity
    address: str


Doing = Callable[[By, Person, PersonRecord, Fields], Awaitable[None]]


class PersonPages:
    def __init__(
        self,
        signed_in: SignedIn,
        roles: Roles,
        exclusion: Exclusion,
        erasure: Erasure,
        ended: EndedLogins,
        passkeys: Passkeys,
        names: KnownNames,
        audit: Audit,
        pages: Pages,
    ) -> None:
        self._signed_in = signed_in
        self._roles = roles
        self._exclusion = exclusion
        self._erasure = erasure
        self._ended = ended
        self._passkeys = passkeys
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
        return await self._signed_in.get(request, lambda by: self._show(request, by))

    async def post(self, do: Doing, request: Request) -> Response:
        """Do what a form asks, and show the page again."""

        async def done(by: Identity, fields: Fields) -> Response:
            check_moderator(by)
            id = check_id(request.path_params["person"])
            record = await self._roles.record(id)
            try:
                await do(By(by, address_of(request.client)), Person(id, record.name), record, fields)
            except Refused as refusal:
                return await self._show(request, by, refusal)
            return RedirectResponse(f"/people/{id}", 303)

        return await self._signed_in.post(request, done)

    async def list(self, request: Request) -> Response:
        async def show(by: Identity) -> Response:
            check_moderator(by)
            return self._pages.form(request, "roles.html", {"holders": await self._roles.all()})

        return await self._signed_in.get(request, show)

    async def _show(self, request: Request, by: Identity, refusal: Refused | None = None) -> Response:
        check_moderator(by)
        person = check_id(request.path_params["person"])
        record = await self._roles.record(person)
        if record.was:  # of whoever began it the worker may have died before it was noted
            await self._erasure.begin(person)
        context = {
            "id": person,
            "name": record.name,
            "role": record.role,
            "given": [
                each for each in GIVEN if each != record.role and (each != MEMBER or record.role in MODERATE)
            ],
            "owner": by.owner,
            "out": record.out,
            "erased": record.erased,
            "erasing": bool(record.was),
            "outranked": by.outranks(record.role),
        }
        return self._pages.form(request, "person.html", context, refusal)

    async def _give(self, by: By, person: Person, record: PersonRecord, fields: Fields) -> None:
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
            await self._names.note(person)

    async def _say(self, by: By, person: Person, record: PersonRecord, fields: Fields) -> None:
        state = fields.get("state", "")
        if state not in ("in", "out", "erased"):
            raise Refused("invalid", "`state` is in, out or erased.")
        _check_rank(by, record)
        if person.id == by.identity.person.id:
            raise Refused("invalid", "This is you.", reason="oneself")
        if state != "erased":  # that may be asked again, as where Redis went away in the middle
            check_not_erased(record)
        if state == "in":
            await self._note("take back", by, person)
            return await self._exclusion.take_back(person.id)
        if state == "erased":
            await self._note("erase", by, Person(person.id, ""))
        else:
            await self._note("put out", by, person)
        if record.role in MODERATE:
            await self._roles.give(person.id, MEMBER)
        await self._exclusion.put_out(person, by.identity.person, erase=state == "erased")
        if state == "erased":
            await self._erasure.begin(person.id)

    async def _end(self, by: By, person: Person, record: PersonRecord, fields: Fields) -> None:
        _check_rank(by, record)
        await self._note("end logins", by, person)
        await self._passkeys.end(person.id)  # first, so that none begins a login meanwhile
        await self._ended.end_all(person.id)

    async def _note(self, what: str, by: By, person: Person) -> None:
        about = {"id": person.id, **({"name": person.name} if person.name else {})}
        await self._audit.note(what, by.identity.person, by.address, person=about)


def _check_rank(by: By, record: PersonRecord) -> None:
    """Raise Refused if it is somebody whose logins and state are not this moderator's to end."""
    if not by.identity.outranks(record.role):
        detail = "Only an owner can do this to a moderator, and nobody to an owner. Take the role first."
        raise Refused("forbidden", detail, reason="rank")


def check_not_erased(record: PersonRecord) -> None:
    """Raise Refused if nobody can be this person again."""
    if record.erased:
        detail = "The name of this person was erased. Nobody is them again."
        raise Refused("forbidden", detail, reason="person_is_erased")
