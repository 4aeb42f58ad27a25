"""The watch over those who moderate at this worker: whoever has lost their role, or was put out, is
disconnected, and connects again without its rights.

Whoever does that to a person disconnects them on all workers. That order can be lost, and bans do not hold
for moderators. So each worker asks again and again about those that it has.
"""

import asyncio
import logging
from collections import Counter

from relay import LogUnavailable, Records, Relay

from chat.domain.identity import Identity
from chat.domain.people import clients_of
from chat.domain.roles import MODERATE
from chat.people import person_record
from chat.people.person_record import PersonRecord

logger = logging.getLogger(__name__)

LOOKED_EVERY = 5.0
"""Seconds between two looks."""


class RoleWatch:
    def __init__(self, relay: Relay, records: Records) -> None:
        self._relay = relay
        self._records = records
        self._here: Counter[tuple[str, str]] = Counter()
        """Connections by person and the role that moderates; empty for whoever has the badge alone."""

    def came(self, identity: Identity) -> None:
        """A client has connected. Does nothing for one who does not moderate, or has no cookie."""
        if identity.moderator and identity.lasting:
            self._here[identity.person.id, _moderating(identity.role)] += 1

    def went(self, identity: Identity) -> None:
        """A client has disconnected."""
        key = identity.person.id, _moderating(identity.role)
        if key in self._here:
            self._here[key] -= 1
            if self._here[key] < 1:
                del self._here[key]

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(LOOKED_EVERY)
            try:
                await self.look()
            except LogUnavailable as error:  # nothing can be moderated meanwhile
                logger.debug("roles could not be looked up: %s", error)

    async def look(self) -> None:
        """Ask for the roles of those who are here. Raises LogUnavailable."""
        here = list(self._here)
        if not here:
            return
        found = await self._records.read(*(person_record.ask(person) for person, _ in here))
        for (person, role), each in zip(here, found, strict=True):
            record = PersonRecord.read(each.get(person))
            now = "" if record is None else _moderating(record.role)
            if now != role or (record is not None and record.out):
                await self._relay.disconnect_group_here(clients_of(person))


def _moderating(role: str) -> str:
    return role if role in MODERATE else ""
