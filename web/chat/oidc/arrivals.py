"""The arrivals: who comes in by the provider, and becomes whom here.

The person's id is made of the issuer and the subject, so it is the same in each browser. Their name is the
provider's when they come first. From then on it is what they call themselves here: cookies of their other
browsers have that one. If it is somebody else's meanwhile, they have another. Roles that groups give are
given and taken each time.
"""

import logging
from collections.abc import Iterable

from relay import Records

from chat.domain.audit import Audit
from chat.domain.people import Person
from chat.domain.refusals import Refused
from chat.domain.roles import GUEST, MEMBER, MODERATE, OWNER
from chat.oidc.terms import Claims, Terms, names_of, person_of
from chat.people import person_record
from chat.people.known_names import KnownNames
from chat.people.person_record import PersonRecord
from chat.people.roles import Roles

logger = logging.getLogger(__name__)


class Arrivals:
    def __init__(
        self,
        issuer: str,
        name: str,
        terms: Terms,
        records: Records,
        roles: Roles,
        names: KnownNames,
        audit: Audit,
    ) -> None:
        """`name`: what the provider is called; the audit log says that it was the one who gave a role."""
        self._issuer = issuer
        self._by = Person("provider", name)
        self._terms = terms
        self._records = records
        self._roles = roles
        self._names = names
        self._audit = audit

    def person(self, subject: str) -> str:
        """Return the id of whom the provider calls so."""
        return person_of(self._issuer, subject)

    async def admit(self, claims: Claims, address: str) -> Person:
        """Return who these claims make somebody, with the role that they give. May be called again. Raises
        Refused, and LogUnavailable."""
        self._terms.check(claims)
        id = self.person(claims["sub"])
        record = await self._record(id)
        if record is None:
            name = await self._free_name(id, names_of(claims))
            await self._roles.begin(Person(id, name), MEMBER)
            record = await self._roles.record(id)
        if record.out:
            detail = "A moderator put you out of this chat for good."
            raise Refused("forbidden", detail, reason="provider_out")
        person = Person(id, await self._free_name(id, (record.name, *names_of(claims))))
        role = self._terms.role(claims, record.role)
        if role != record.role:
            await self._give(person, record.role, role, address)
        if role in MODERATE:
            await self._names.note(person)
        return person

    async def _record(self, id: str) -> PersonRecord | None:
        (found,) = await self._records.read(person_record.ask(id))
        return PersonRecord.read(found.get(id))

    async def _give(self, person: Person, before: str, role: str, address: str) -> None:
        if before == OWNER and len([each for each in await self._roles.all() if each.role == OWNER]) < 2:
            logger.warning("The last owner stays one", extra={"about": {"person": person.id}})
            return
        if before != GUEST or role != MEMBER:  # everybody who comes this way is at least a member
            about = {"id": person.id, "name": person.name}
            await self._audit.note(f"make {role}", self._by, address, person=about)
        try:
            await self._roles.give(person.id, role)
        except Refused as refused:  # another owner has gone at the same moment
            logger.warning("The role stays: %s", refused.detail, extra={"about": {"person": person.id}})

    async def _free_name(self, id: str, names: Iterable[str]) -> str:
        """The first name that is nobody else's: whoever has somebody's is let in under another all the
        same."""
        for name in names:
            try:
                await self._names.check(name, id)
            except Refused:
                continue
            return name
        return Person.guest().name
