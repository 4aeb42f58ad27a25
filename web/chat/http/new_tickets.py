"""Links for one person: to go on on another device, and for somebody whose browser has forgotten them.

`POST /you/ticket` makes the first kind, for oneself. `POST /people/<id>/ticket` makes the second kind, as a
moderator. Both answer with a page that shows the link, once: only a digest is kept.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chat.domain.address import address_of
from chat.domain.audit import Audit
from chat.domain.messages import check_id
from chat.domain.moderators import check_moderator
from chat.domain.refusals import Refused
from chat.http.login_cookie import Logins
from chat.http.pages import Pages
from chat.http.person_pages import check_not_erased
from chat.http.retries import retried
from chat.http.sign_in import check_origin
from chat.people.roles import Roles
from chat.people.ticket import Kind
from chat.people.tickets import DEVICE_LASTS, RETURN_LASTS, Tickets


class NewTickets:
    def __init__(self, roles: Roles, logins: Logins, tickets: Tickets, audit: Audit, pages: Pages) -> None:
        self._roles = roles
        self._logins = logins
        self._tickets = tickets
        self._audit = audit
        self._pages = pages
        self.routes = [
            Route("/you/ticket", self.for_device, methods=["POST"]),
            Route("/people/{person}/ticket", self.for_return, methods=["POST"]),
        ]

    async def for_device(self, request: Request) -> Response:
        check_origin(request)
        return await retried(lambda: self._for_device(request))

    async def _for_device(self, request: Request) -> Response:
        identity, standing = await self._logins.look(request.scope)
        if identity is None:
            return RedirectResponse("/sign-in", 303)
        if standing.login is None:  # it could not end with it
            return RedirectResponse("/you", 303)
        try:
            secret = await self._tickets.for_device(identity)
        except Refused as refusal:
            return self._pages.refusal(request, refusal)
        return self._pages.link(request, secret, Kind.DEVICE, DEVICE_LASTS, "/you", identity.person.name)

    async def for_return(self, request: Request) -> Response:
        check_origin(request)
        return await retried(lambda: self._for_return(request))

    async def _for_return(self, request: Request) -> Response:
        identity = await self._logins.read(request.scope)
        if identity is None:
            return RedirectResponse("/sign-in", 303)
        try:
            check_moderator(identity)
            person = check_id(request.path_params["person"])
            record = await self._roles.record(person)
            if not identity.outranks(record.role):  # whoever opened it would have the role
                raise no_way_back()
            check_not_erased(record)
        except Refused as refusal:
            return self._pages.refusal(request, refusal)
        about = {"id": person, "name": record.name}
        await self._audit.note(
            "return", identity.person, address_of(request.client), person=about, seconds=RETURN_LASTS
        )
        secret = await self._tickets.for_return(person, record.role, identity.person)
        return self._pages.link(request, secret, Kind.RETURN, RETURN_LASTS, "/", record.name)


def no_way_back() -> Refused:
    """Return the refusal of a link that would give somebody's role away."""
    detail = "A link would give this person's role away. An owner can make one for a moderator."
    return Refused("forbidden", detail, reason="no_way_back")
