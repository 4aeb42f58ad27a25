"""The tickets: made, looked up by their secrets, and used one at a time on whatever worker."""

from dataclasses import replace
from time import time

from relay import LogUnavailable, Quota, Records, Store

from chat.domain.address import quotas_of
from chat.domain.identity import Identity
from chat.domain.people import Person
from chat.domain.refusals import Refused
from chat.domain.roles import MODERATE
from chat.people import person_record, ticket
from chat.people.logins import KeptLogins
from chat.people.person_record import PersonRecord
from chat.people.ticket import SECRET, TICKETS, Kind, State, Ticket, digest_of, new_secret

WITHIN = 600
"""Seconds for which tries with unknown secrets count, and tickets that a person makes for a device."""
UNKNOWN = 20
BY_NETWORK = {56: 40, 48: 200}
"""Tries with unknown secrets within that time: from one address, and from the networks of IPv6 with such a
prefix around it. A secret has 128 random bits, so this only keeps tries from costing much."""
DEVICES = 20
"""Tickets for another device that a person may make within that time."""
DEVICE_LASTS = 600
RETURN_LASTS = 86_400
"""Seconds until the end of a ticket for another device, and of one that brings somebody back or gives a
role."""
TRIES = 20
"""How often a use is tried that others forestall. Each time one of them had theirs."""


class Tickets:
    def __init__(self, store: Store, records: Records, logins: KeptLogins) -> None:
        self._store = store
        self._records = records
        self._logins = logins

    async def for_device(self, identity: Identity) -> str:
        """Return the secret of a new ticket by which another browser becomes the same person. It ends with
        the login that makes it, and does not make a moderator: whoever reads a link over a shoulder would be
        one. Raises Refused, and LogUnavailable."""
        person = identity.person
        if spent := await self._store.take(Quota(f"tickets of {person.id}", DEVICES, WITHIN)):
            raise Refused("rate_limited", "You made too many links.", spent.seconds, reason="many_links")
        return await self.issue(
            Kind.DEVICE, 1, DEVICE_LASTS, person.name, person=person.id, login=identity.login
        )

    async def for_return(self, person: str, role: str, by: Person) -> str:
        """Return the secret of a new ticket that brings a person back who has this role. If they are given
        another one that moderates, it brings nobody back any more. Raises LogUnavailable."""
        return await self.issue(Kind.RETURN, 1, RETURN_LASTS, by.name, person=person, role=role)

    async def for_role(self, role: str) -> str:
        """Return the secret of a new ticket that gives a role. Only the command line makes one. Raises
        LogUnavailable."""
        return await self.issue(Kind.ROLE, 1, RETURN_LASTS, "", role=role)

    async def issue(self, kind: Kind, uses: int, seconds: int, by: str, **about: str) -> str:
        """Keep a new ticket, and return its secret. `about`: fields of Ticket. Raises LogUnavailable."""
        secret = new_secret()
        await self.keep(secret, kind, uses, seconds, by, **about)
        return secret

    async def keep(self, secret: str, kind: Kind, uses: int, seconds: int, by: str, **about: str) -> None:
        """Keep a new ticket with this secret. Raises LogUnavailable."""
        end = int(time() * 1000) + seconds * 1000
        made = Ticket(digest_of(secret), kind, uses, uses, end, by, **about)  # type: ignore[arg-type]
        await self._records.change(made.digest, made.put())

    async def find(self, secret: str, address: str) -> Ticket | None:
        """Return the ticket with this secret; None if there is none, which is counted for the address. What
        can be no secret is nobody's guess, and is not counted. Raises Refused where too much was counted,
        and LogUnavailable."""
        if not SECRET.fullmatch(secret):
            return None
        counted = quotas_of("tickets", address, UNKNOWN, BY_NETWORK, WITHIN)
        if spent := await self._store.take(*counted):
            detail = "Too many links that are none were opened at your address. Try again later."
            raise Refused("rate_limited", detail, spent.seconds, reason="wrong_links")
        (found,) = await self.all(digest_of(secret))
        if found is not None:
            await self._store.give_back(*counted)
        return found

    async def all(self, *digests: str) -> list[Ticket | None]:
        """Return the tickets with these digests, in one round trip. Raises LogUnavailable."""
        found = await self._records.read(*(ticket.ask(digest) for digest in digests))
        return [
            Ticket.read(digest, each[digest]) if digest in each else None
            for digest, each in zip(digests, found, strict=True)
        ]

    async def holder(self, of: Ticket) -> Person | None:
        """Return whom one becomes by it; None if the login that made it has ended, the person was put out, or
        nothing is kept of them any more. Raises LogUnavailable."""
        person = of.person
        if not of.login:
            (found,) = await self._records.read(person_record.ask(person))
            record = PersonRecord.read(found.get(person))
            if record is not None and (record.out or record.role in MODERATE - {of.role}):
                return None
        else:
            standing = await self._logins.standing(Identity(Person(person, ""), of.login))
            if not standing.known:
                raise LogUnavailable("The login can't be looked up.")
            record = standing.record if standing.counts else None
        return None if record is None else Person(person, record.name)

    async def take(self, digest: str, attempt: str) -> Ticket | None:
        """Take one use. Returns the ticket as it is then; None if there is no use left, or it is over. An
        attempt that comes again, as when its answer was lost, takes no second use of the last one. Raises
        LogUnavailable."""
        for _ in range(TRIES):
            if (data := await self._data(digest)) is None:
                return None
            found = Ticket.read(digest, data)
            if found.was_taken_by(attempt):
                return found
            if found.state is not State.OPEN:
                return None
            left = replace(found, uses=found.uses - 1, taken=digest_of(attempt))
            if await self._replaced(left, data):
                return left
        raise LogUnavailable("Others used the link at the same time.")

    async def withdraw(self, digest: str) -> bool:
        """Let a ticket be used no more. False if there is none. Raises LogUnavailable."""
        for _ in range(TRIES):
            if (data := await self._data(digest)) is None:
                return False
            if await self._replaced(replace(Ticket.read(digest, data), withdrawn=True), data):
                return True
        raise LogUnavailable("Others used the link at the same time.")

    async def erase(self, person: Person) -> None:
        """Take somebody's name from the tickets that are theirs, lead in by them, or were made by somebody of
        this name. Raises LogUnavailable."""
        for digest, data in (await self._records.everywhere(TICKETS)).items():
            found = Ticket.read(digest, data)
            own = person.id in (found.inviter, found.person if found.kind is Kind.DEVICE else "")
            if found.by and (own or found.by == person.name):
                await self._replaced(replace(found, by=""), data)

    async def _data(self, digest: str) -> bytes | None:
        (found,) = await self._records.read(ticket.ask(digest))
        return found.get(digest)

    async def _replaced(self, left: Ticket, data: bytes | None) -> bool:
        expected = ticket.expect(left.digest, data)
        return await self._records.change(left.digest, left.put(), expect=[expected])
