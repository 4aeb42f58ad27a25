"""Callers: who asks over HTTP where programs come too, by the cookie or by a program's token.

A program sends its token as `Authorization: Bearer <token>`. Whoever has neither is a guest, where everybody
may come in.
"""

from starlette.requests import Request

from chat.domain.address import address_of
from chat.domain.entrance import Entrance
from chat.domain.identity import Identity
from chat.domain.people import Person
from chat.domain.refusals import Refused
from chat.http.login_cookie import Logins
from chat.people.programs import Programs

BEARER = "bearer "


class Callers:
    def __init__(self, logins: Logins, programs: Programs, entrance: Entrance) -> None:
        self._logins = logins
        self._programs = programs
        self._entrance = entrance

    async def of(self, request: Request) -> Identity:
        """Return who asks. Raises Refused if they may not come in, and LogUnavailable."""
        given = request.headers.get("authorization", "")
        if given.lower().startswith(BEARER):
            found = await self._programs.find(given[len(BEARER) :].strip(), address_of(request.client))
            return Identity(Person(found.id, found.name), found.digest, program=True)
        identity = await self._logins.read(request.scope)
        if identity is not None:
            return identity
        if not self._entrance.is_open:
            raise Refused("forbidden", "Sign in first.", reason="cookie_needed")
        return Identity.of(Person.guest(), lasting=False)
