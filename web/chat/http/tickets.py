"""The links of tickets: `GET /ticket/<secret>` says what a link does, and `POST` to it does that.

What only looks at an address, such as a preview of links or a prefetch, uses nothing up. The POST has
`attempt`, a random word of the page that was shown, by which it is known when it comes again; `name` of
somebody who is invited; and `instead`, the id of the person whom the page said is replaced in this browser.
"""

import logging
import secrets
from typing import Any

from relay import LogUnavailable, Relay
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chat.domain.address import address_of
from chat.domain.identity import Identity
from chat.domain.known_names import KnownNames
from chat.domain.people import Person, check_name
from chat.domain.refusals import Refused
from chat.http.login_cookie import Logins
from chat.http.pages import Pages
from chat.http.retries import retried
from chat.http.sign_in import check_origin, read_form
from chat.people.ticket import Kind, State, Ticket, login_of
from chat.people.tickets import Tickets

logger = logging.getLogger(__name__)

ATTEMPT_MAX_CHARS = 64


class TicketPages:
    def __init__(
        self, relay: Relay, logins: Logins, tickets: Tickets, names: KnownNames, pages: Pages
    ) -> None:
        self._relay = relay
        self._logins = logins
        self._tickets = tickets
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
        visit = _Visit(request, ticket, secret, identity, fields)
        if ticket.kind is Kind.INVITATION:
            return await self._invite(visit)
        return await self._bring(visit)

    async def _invite(self, visit: "_Visit") -> Response:
        """Let somebody new in, to a room."""
        onward = f"/rooms/{visit.ticket.room}"
        if visit.identity is not None:  # whoever is in already uses nothing up
            return RedirectResponse(onward, 303)
        if not visit.may_be_taken:
            return self._over(visit)
        if visit.fields is None:
            return self._form(visit, "invited.html", {"name": "", "room": visit.ticket.room})
        name = visit.fields.get("name", "")
        try:
            await self._names.check(check_name(name))
        except Refused as refusal:
            return self._form(visit, "invited.html", {"name": name, "room": visit.ticket.room}, refusal)
        if await self._tickets.take(visit.ticket.digest, visit.attempt) is None:
            return self._over(visit)
        return await self._goes_on(visit, onward, Identity.of(Person.named(name)))

    async def _bring(self, visit: "_Visit") -> Response:
        """Make the browser the person's whom the ticket is about."""
        holder = await self._tickets.holder(visit.ticket)
        before = visit.identity
        if holder is not None and before is not None and holder.id == before.person.id:
            if visit.fields is not None:  # the button was pressed twice, or in a page from before
                return RedirectResponse("/", 303)
            return self._pages.problem(visit.request, 200, "you_already", {"name": holder.name})
        if not visit.may_be_taken:
            return self._over(visit)
        if holder is None:
            return self._pages.problem(visit.request, 410, "ticket_without_login")
        replaced = "" if before is None else before.person.id
        if visit.fields is None or visit.fields.get("instead", "") != replaced:
            context = {"holder": holder, "before": before and before.person, "by": visit.ticket.by}
            return self._form(visit, "bring.html", context | {"kind": visit.ticket.kind})
        identity = Identity(holder, login_of(visit.secret, visit.attempt))
        taken = await self._tickets.take(visit.ticket.digest, visit.attempt)
        if taken is None or await self._logins.is_ended(identity):
            return self._over(visit)
        response = await self._goes_on(visit, "/", identity)
        if before is not None:
            await self._logins.end(before, address_of(visit.request.client))
            for login in before.logins:
                await self._relay.disconnect_group(login)
        return response

    async def _goes_on(self, visit: "_Visit", onward: str, identity: Identity) -> Response:
        response = RedirectResponse(onward, 303)
        await self._logins.give(visit.request, response, identity)
        about = {"person": identity.person.id, "ticket": visit.ticket.kind.value}
        logger.info("Came in by a link", extra={"about": about})
        return response

    def _form(
        self, visit: "_Visit", template: str, context: dict[str, Any], refusal: Refused | None = None
    ) -> Response:
        context = {**context, "action": visit.request.url.path, "attempt": visit.attempt}
        return self._pages.form(visit.request, template, context, refusal)

    def _over(self, visit: "_Visit") -> Response:
        """Say why the ticket can't be used. One that was open a moment ago was taken since."""
        state = State.USED if visit.ticket.state is State.OPEN else visit.ticket.state
        return self._pages.problem(visit.request, 410, f"{visit.ticket.kind}_{state}")


class _Visit:
    """A request to a ticket's link: the ticket, who asks, and the fields of a POST."""

    def __init__(
        self,
        request: Request,
        ticket: Ticket,
        secret: str,
        identity: Identity | None,
        fields: dict[str, str] | None,
    ) -> None:
        self.request = request
        self.ticket = ticket
        self.secret = secret
        self.identity = identity
        self.fields = fields
        self.attempt = fields["attempt"] if fields else secrets.token_urlsafe(16)

    @property
    def may_be_taken(self) -> bool:
        """Whether there is a use left, or this very attempt had it."""
        return self.ticket.state is State.OPEN or self.ticket.was_taken_by(self.attempt)
