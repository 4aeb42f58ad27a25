"""Links that give a role: whoever opens one first and presses the button has it, as who they are in that
browser, or as somebody new. The command line makes them; see chat/appoint.py."""

from starlette.responses import RedirectResponse, Response

from chat.domain.address import address_of
from chat.domain.audit import Audit
from chat.domain.identity import Identity
from chat.domain.people import Person, check_name
from chat.domain.refusals import Refused
from chat.domain.roles import MODERATOR, OWNER
from chat.http.login_cookie import Logins
from chat.http.visit import Visit
from chat.people.known_names import KnownNames
from chat.people.roles import Roles
from chat.people.ticket import login_of, person_of
from chat.people.tickets import Tickets

BECAME = {MODERATOR: "moderate", OWNER: "own"}
"""What the audit log says of whoever used such a link."""


class RoleLinks:
    def __init__(
        self, logins: Logins, tickets: Tickets, roles: Roles, names: KnownNames, audit: Audit
    ) -> None:
        self._logins = logins
        self._tickets = tickets
        self._roles = roles
        self._names = names
        self._audit = audit

    async def answer(self, visit: Visit) -> Response:
        """Give the role, or show what the link does. One that makes an owner is over as soon as there is
        one."""
        ticket, here = visit.ticket, visit.identity
        if not visit.may_be_taken:
            return visit.over()
        if ticket.role == OWNER and not visit.was_taken and await self._roles.has_owner():
            return visit.over()
        if here is not None and here.role in (OWNER, ticket.role):
            # It never lowers a role. The button was pressed twice, or the link is of no use to this person.
            onward = RedirectResponse("/", 303)
            return onward if visit.was_taken else visit.of_no_use("role_already")
        context = {"role": ticket.role, "before": here and here.person, "name": visit.name}
        if not visit.is_of_who_was_asked:
            return visit.form("role.html", context)
        try:
            identity = here or await self._new(visit)
        except Refused as refusal:
            return visit.form("role.html", context, refusal)
        if await self._tickets.take(ticket.digest, visit.attempt) is None:
            return visit.over()
        await self._audit.note(BECAME[ticket.role], identity.person, address_of(visit.request.client))
        await self._roles.begin(identity.person, ticket.role)
        await self._names.note(identity.person)
        return await visit.goes_on(self._logins, RedirectResponse("/", 303), identity)

    async def _new(self, visit: Visit) -> Identity:
        """Return somebody new: the same person whenever the same attempt comes again. Raises Refused."""
        name = check_name(visit.name)
        person = Person(person_of(visit.secret, visit.attempt, visit.name), name)
        await self._names.check(name, person.id)
        return Identity(person, login_of(visit.secret, visit.attempt))
