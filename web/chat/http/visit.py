"""The visit of a ticket's link: what all kinds of tickets answer alike."""

import logging
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from chat.domain.identity import Identity
from chat.domain.refusals import Refused
from chat.http.login_cookie import Logins
from chat.http.pages import Pages
from chat.people.ticket import State, Ticket

logger = logging.getLogger(__name__)


class Visit:
    """A request to a ticket's link: the ticket, who asks, and the fields of a POST."""

    def __init__(
        self,
        request: Request,
        pages: Pages,
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
        self._pages = pages

    @property
    def was_taken(self) -> bool:
        """Whether this very attempt had the last use."""
        return self.ticket.was_taken_by(self.attempt)

    @property
    def may_be_taken(self) -> bool:
        """Whether there is a use left, or this very attempt had it."""
        return self.ticket.state is State.OPEN or self.was_taken

    @property
    def name(self) -> str:
        """The name that somebody new gives."""
        return self.fields.get("name", "") if self.fields else ""

    @property
    def is_of_who_was_asked(self) -> bool:
        """Whether a form was sent, and by whom the page showed: `instead` is the id of who was in the browser
        then, or empty."""
        here = "" if self.identity is None else self.identity.person.id
        return self.fields is not None and self.fields.get("instead", "") == here

    def form(self, template: str, context: dict[str, Any], refusal: Refused | None = None) -> Response:
        """Return the page whose button uses the ticket."""
        context = {**context, "action": self.request.url.path, "attempt": self.attempt}
        return self._pages.form(self.request, template, context, refusal)

    def of_no_use(self, name: str) -> Response:
        """Return the page that says why this person has no use for the ticket. It was not used up."""
        return self._pages.problem(self.request, 200, name)

    def gone(self, name: str) -> Response:
        """Return the page that says why the ticket can't be used."""
        return self._pages.problem(self.request, 410, name)

    def over(self) -> Response:
        """Return the same for a ticket that has none left. One that was open a moment ago was taken since."""
        state = State.USED if self.ticket.state is State.OPEN else self.ticket.state
        return self.gone(f"{self.ticket.kind}_{state}")

    async def goes_on(self, logins: Logins, onward: Response, identity: Identity) -> Response:
        """Return an answer that gives this identity to the browser."""
        await logins.give(self.request, onward, identity)
        about = {"person": identity.person.id, "ticket": self.ticket.kind.value}
        logger.info("Came in by a link", extra={"about": about})
        return onward
