"""The recent addresses of each person, so that a moderator can ban them without seeing them.

An address is noted when a client connects, when it disconnects, and while its person writes. A ban
disconnects the person's clients on every worker, so their addresses have just been noted.

Anybody can get any number of cookies, and each is a person. So there is a bound by address too: only the
people who were there last are remembered. A banned person's address is noted at that moment, so a moderator
loses little.

Notes are written together after a moment: a round trip for each would be 4 % of what a connect costs. A
worker that is killed loses the notes of its last moment; its clients are noted where they connect again.
"""

import asyncio
import logging

from relay import LogUnavailable, Recent, Store

from chat.domain.people import Person

logger = logging.getLogger(__name__)

FLUSH_INTERVAL = 0.1
"""Seconds between two writes."""
AT_ONCE = 100
"""Notes that one write holds at most."""
KEPT = 20, 86_400
"""Addresses that are remembered of a person, the last ones, and the seconds for which each is."""
PEOPLE = 2000, 86_400
"""People who are remembered of an address, the last ones, and the seconds for which each is."""


class RecentAddresses:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._unwritten: dict[tuple[str, str], None] = {}

    def note(self, person: Person, address: str) -> None:
        """Note that a person is at an address, as of address_of. An unknown one, "", is not noted."""
        if address:
            self._unwritten.pop((person.id, address), None)  # dicts keep their order, and the newest is last
            self._unwritten[person.id, address] = None

    async def of(self, person: str) -> list[str]:
        """Return the last addresses of a person, by id, the newest first. Waits until every worker has had
        the time to write its notes. Raises LogUnavailable."""
        await asyncio.sleep(2 * FLUSH_INTERVAL)
        return await self._store.recent(_addresses(person))

    async def forget(self, person: str) -> None:
        """Forget the addresses of a person, by id. Raises LogUnavailable."""
        await self._store.forget(_addresses(person).key)

    async def run(self) -> None:
        """Write notes until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_INTERVAL)
            try:
                await self._write()
            except LogUnavailable as error:  # they stay noted
                logger.debug("recent addresses could not be written: %s", error)

    async def _write(self) -> None:
        while some := list(self._unwritten)[:AT_ONCE]:
            await self._store.remember(*(one for each in some for one in _both(*each)))
            for each in some:
                self._unwritten.pop(each, None)


def _both(person: str, address: str) -> list[tuple[str, Recent]]:
    people = Recent(f"people at {address}", *PEOPLE, along=_addresses("").key)
    return [(address, _addresses(person)), (person, people)]


def _addresses(person: str) -> Recent:
    return Recent(f"addresses of {person}", *KEPT)
