"""Invitations to private rooms: whoever opens the link of one and presses the button is a member.

Whoever is new here gives a name, and comes in by it. Only who has the link is told what the room is called.
"""

from starlette.responses import RedirectResponse, Response

from chat.domain.address import address_of
from chat.domain.identity import Identity
from chat.domain.people import Person, check_name
from chat.domain.refusals import Refused
from chat.domain.sanctions import Sanctions
from chat.http.login_cookie import Logins
from chat.http.visit import Visit
from chat.people.known_names import KnownNames
from chat.people.ticket import login_of, person_of
from chat.people.tickets import Tickets
from chat.rooms.admission import Admission, Welcome


class PrivateInvitations:
    def __init__(
        self,
        logins: Logins,
        tickets: Tickets,
        admission: Admission,
        names: KnownNames,
        sanctions: Sanctions,
    ) -> None:
        self._logins = logins
        self._tickets = tickets
        self._admission = admission
        self._names = names
        self._sanctions = sanctions

    async def answer(self, visit: Visit) -> Response:
        """Let somebody into a private room, or show what the link does."""
        ticket, known = visit.ticket, visit.identity
        guest = _new_guest(visit) if known is None else known
        welcome = await self._admission.look(
            ticket.room, ticket.inviter, None if guest is None else guest.person
        )
        onward = RedirectResponse(f"/rooms/{ticket.room}", 303)
        if welcome.member and known is not None:  # whoever is in already uses nothing up
            return onward
        if not visit.may_be_taken:
            return visit.over()
        if welcome.gone:
            return visit.gone(f"invitation_{welcome.gone}_gone")
        if guest is None or not visit.is_of_who_was_asked:
            return self._form(visit, welcome)
        try:
            guest = await self._checked(visit, guest, welcome)
            taken = await self._tickets.take(ticket.digest, visit.attempt)
            if taken is None or (known is None and await self._logins.is_ended(guest)):
                return visit.over()
            await self._admission.admit(ticket.room, Person(ticket.inviter, ticket.by), guest.person)
        except Refused as refusal:
            return self._form(visit, welcome, refusal)
        return onward if known is not None else await visit.goes_on(self._logins, onward, guest)

    async def _checked(self, visit: Visit, guest: Identity, welcome: Welcome) -> Identity:
        """Return who becomes a member. Raises Refused if they may not."""
        if visit.identity is None:
            guest = guest.named(check_name(guest.person.name))
            await self._names.check(guest.person.name, guest.person.id)
        await self._sanctions.check_entry(guest, address_of(visit.request.client))
        if welcome.refusal is not None:
            raise welcome.refusal
        return guest

    def _form(self, visit: Visit, welcome: Welcome, refusal: Refused | None = None) -> Response:
        context = {
            "room": welcome.title,
            "by": visit.ticket.by,
            "name": visit.name,
            "person": visit.identity and visit.identity.person,
        }
        return visit.form("invited_private.html", context, refusal)


def _new_guest(visit: Visit) -> Identity | None:
    """Return whom somebody becomes who is new here, once they give a name. The same attempt makes the same
    person, so that nobody is a member twice."""
    if visit.fields is None:
        return None
    person = Person(person_of(visit.secret, visit.attempt, visit.name), visit.name)
    return Identity(person, login_of(visit.secret, visit.attempt))
