"""The authentication of a Socket.IO client: who it is, or why it is refused."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from relay import LogUnavailable
from starlette.types import Scope

from chat.domain.entrance import Entrance
from chat.domain.identity import Identity
from chat.domain.moderators import Moderators
from chat.domain.people import Person
from chat.domain.refusals import Refused
from chat.http.login_cookie import Logins
from chat.people.known_names import By, KnownNames
from chat.people.logins import Standing
from chat.people.programs import Programs

UNKEPT = Standing(counts=True)
"""That of whoever comes by a token: there is no login."""


class Authentication:
    def __init__(
        self,
        logins: Logins,
        entrance: Entrance,
        moderators: Moderators,
        names: KnownNames,
        programs: Programs,
    ) -> None:
        self._logins = logins
        self._programs = programs
        self._entrance = entrance
        self._moderators = moderators
        self._names = names

    async def authenticate(self, scope: Scope, auth: Any, address: str) -> tuple[Identity, Standing]:
        """Return who it is, and what is kept of their login: by `{token}` in `auth`, else by the cookie of
        the handshake, whose ASGI scope this is, else by `{name?, code?, admin?}` in `auth`, else a guest.
        `address`: as of address_of. Raises Refused, and LogUnavailable when what was given can't be
        checked."""
        if isinstance(auth, dict) and auth.get("token") is not None:
            return await self._program(auth, address), UNKEPT
        identity, standing = await self._logins.look(scope)
        if identity is not None:
            return identity, standing
        if not isinstance(auth, dict | None):
            raise Refused("invalid", "`auth` is an object with a name, and a code where one is needed.")
        given = auth or {}
        person = Person.guest() if given.get("name") is None else Person.named(given["name"])
        if given.get("admin") is None or not self._entrance.by_invitation:
            await self._entrance.check(given.get("code"), address)
        if given.get("admin") is not None:
            await self._moderators.check(given["admin"], address)
            return Identity.of(person, lasting=False).promoted(), standing
        if given.get("name") is not None:
            # Programs that are refused don't come again. Who had the name before a moderator keeps it, too.
            with suppress(LogUnavailable):
                await self._names.check(person.name)
        return Identity.of(person, lasting=False), standing

    async def _program(self, given: dict[str, Any], address: str) -> Identity:
        """Return the program that gave a token. It is no moderator."""
        if any(given.get(name) is not None for name in ("name", "code", "admin")):
            raise Refused("invalid", "With a `token`, `auth` has nothing else: it says who the program is.")
        found = await self._programs.find(given["token"], address)
        return Identity(Person(found.id, found.name), found.digest, program=True)

    async def confirm(self, identity: Identity) -> None:
        """Raise Refused if the login, or the token, has ended meanwhile. The names are noted of those whom
        LoginNotes does not note."""
        if identity.program:
            with suppress(LogUnavailable):  # it is disconnected once that can be known; see ProgramWatch
                await self._programs.confirm(identity.person.id, identity.login)
        if identity.program or (identity.moderator and not identity.lasting):
            person = identity.person if identity.program else replace(identity.person, id="")
            with suppress(LogUnavailable):  # the name is known already, or is the next time
                await self._names.note(person, By.of(identity))
        elif identity.lasting and await self._logins.is_ended(identity):
            raise Refused("signed_out", "You have signed out. Sign in again.")
