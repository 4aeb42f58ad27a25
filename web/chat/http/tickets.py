"""The links of tickets: `GET /ticket/<secret>` says what a link does, and `POST` to it does that.

What only looks at an address, such as a preview of links or a prefetch, uses nothing up. The POST has
`attempt`, a random word of the page that was shown, by which it is known when it comes again; `name` of
somebody who is invited; and `instead`, the id of the person whom the page said is replaced in this browser.
"""

import secrets

from relay import LogUnavailable, Relay
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chat.domain.address import address_of
from chat.domain.identity import Identity
from chat.domain.people import Person, check_name
from chat.domain.refusals import Refused
from chat.http.login_cookie import Logins
from chat.http.pages import Pages
from chat.http.private_invitations import PrivateInvitations
from chat.http.retries import retried
from chat.http.role_links import RoleLinks
from chat.http.sign_in import check_origin, read_form
from chat.http.visit import Visit
from chat.people.known_names import KnownNames
from chat.people.ticket import Kind, login_of
from chat.people.tickets import Tickets

ATTEMPT_MAX_CHARS = 64


class TicketPages:
    def __init__(
        self,
        relay: Relay,
        logins: Logins,
        tickets: Tickets,
        private: PrivateInvitations,
        role_links: RoleLinks,
        names: KnownNames,
        pages: Pages,
    ) -> None:
        self._relay = relay
        self._private = private
        self._logins = logins
        self._tickets = tickets
        self._role_links = role_links
        self._names = names
        self._pages = pages
        self.routes = [
            Route("/ticket/{secret}", self.show, methods=["GET"]),
            Route("/ticket/{secret}", self.use, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        return await retried(lambda: self._answer(request))

    async def use(self, request: Request) -> Response:
        check_origin(request)
        fields = await read_form(request)
        attempt = fields.get("attempt", "")[:ATTEMPT_MAX_CHARS] or secrets.token_urlsafe(16)
        fields["attempt"] = attempt
        try:
            return await retried(lambda: self._answer(request, fields))
        except LogUnavailable:
            context = {"action": request.url.path, "fields": fields}
            return self._pages.form(request, "again.html", context, unavailable=True)

    async def _answer(self, request: Request, fields: dict[str, str] | None = None) -> Response:
        """Use the ticket, or show what it does: `fields` are those of the POST, None is a GET."""
        secret = request.path_params["secret"]
        identity = await self._logins.read(request.scope)
        try:
            ticket = await self._tickets.find(secret, address_of(request.client))
        except Refused as refusal:
            return self._pages.refusal(request, refusal)
        if ticket is None:
            return self._pages.problem(request, 404, "no_ticket")
        visit = Visit(request, self._pages, ticket, secret, identity, fields)
        if ticket.kind is Kind.ROLE:
            return await self._role_links.answer(visit)
        if ticket.kind is not Kind.INVITATION:
            return await self._bring(visit)
        return await (self._private.answer(visit) if ticket.inviter else self._invite(visit))

    async def _invite(self, visit: Visit) -> Response:
        """Let somebody new in, to an open room."""
        onward = RedirectResponse(f"/rooms/{visit.ticket.room}", 303)
        if visit.identity is not None:  # whoever is in already uses nothing up
            return onward
        if not visit.may_be_taken:
            return visit.over()
        context = {"name": visit.name, "room": visit.ticket.room}
        if visit.fields is None:
            return visit.form("invited.html", context)
        try:
            name = check_name(visit.name)
            await self._names.check(name)
        except Refused as refusal:
            return visit.form("invited.html", context, refusal)
        if await self._tickets.take(visit.ticket.digest, visit.attempt) is None:
            return visit.over()
        return await visit.goes_on(self._logins, onward, Identity.of(Person.named(name)))

    async def _bring(self, visit: Visit) -> Response:
        """Make the browser the person's whom the ticket is about."""
        holder = await self._tickets.holder(visit.ticket)
        before = visit.identity
        if holder is not None and before is not None and holder.id == before.person.id:
            if visit.fields is not None:  # the button was pressed twice, or in a page from before
                return RedirectResponse("/", 303)
            return self._pages.problem(visit.request, 200, "you_already", {"name": holder.name})
        if not visit.may_be_taken:
            return visit.over()
        if holder is None:
            return visit.gone("ticket_without_login")
        if not visit.is_of_who_was_asked:
            context = {"holder": holder, "before": before and before.person, "by": visit.ticket.by}
            return visit.form("bring.html", context | {"kind": visit.ticket.kind})
        identity = Identity(holder, login_of(visit.secret, visit.attempt))
        taken = await self._tickets.take(visit.ticket.digest, visit.attempt)
        if taken is None or await self._logins.is_ended(identity):
            return visit.over()
        response = await visit.goes_on(self._logins, RedirectResponse("/", 303), identity)
        if before is not None:
            await self._logins.end(before, address_of(visit.request.client))
            for login in before.logins:
                await self._relay.disconnect_group(login)
        return response
