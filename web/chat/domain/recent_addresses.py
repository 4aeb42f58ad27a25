"""The whereabouts: where a person was lately, so that a moderator can name an address unseen.

Noted when a session begins, when it ends, and while its person writes. So whoever bans a person, which ends
their sessions on every worker, finds the addresses of all of them.

An address has as many people as it asks for cookies. So what is remembered is bounded by address too: of the
people who were there last, and of no others. A moderator loses little by it: whoever is banned while they are
here is noted again at that moment.

Written a moment later, for all who came meanwhile: a round trip of its own is 4 % of what a connect costs. A
worker that is killed forgets those of its last moment, who come back elsewhere.
"""

import asyncio
import logging

from relay import LogUnavailable, Recent, Store

from chat.domain.people import Person

logger = logging.getLogger(__name__)

GATHER = 0.1
"""Seconds between two writes."""
AT_ONCE = 100
"""Written together at most; the rest follows."""
KEPT = 20, 86_400
"""How many addresses of a person are remembered, the last ones, and for how many seconds each."""
PEOPLE = 2000, 86_400
"""Of how many people of an address, the last ones, and for how many seconds after they were there."""


class Whereabouts:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._unwritten: dict[tuple[str, str], None] = {}

    def note(self, person: Person, address: str) -> None:
        """`address` as of address_of; nothing is noted of an unknown one."""
        if address:
            self._unwritten.pop((person.id, address), None)  # dicts keep their order, and the newest is last
            self._unwritten[person.id, address] = None

    async def of(self, person: str) -> list[str]:
        """The last addresses of a person, by id, the newest first; returns when every worker has had the time
        to write what it had noted. Raises LogUnavailable."""
        await asyncio.sleep(2 * GATHER)
        return await self._store.recent(_addresses(person))

    async def run(self) -> None:
        """Write what is noted until cancelled."""
        while True:
            await asyncio.sleep(GATHER)
            try:
                await self._write()
            except LogUnavailable as error:  # they stay noted
                logger.debug("whereabouts could not be written: %s", error)

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
