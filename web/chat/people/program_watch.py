"""The watch over programs at this worker: it notes that they are here, and disconnects those whose token has
ended.

Whoever ends a token disconnects its program on all workers. That order can be lost, and nobody gives one when
a token's time is over. So each worker asks again and again about those that it has.
"""

import asyncio
import logging
from collections import Counter
from typing import NamedTuple

from relay import LogUnavailable, Relay

from chat.domain.identity import Identity
from chat.people.programs import Programs

logger = logging.getLogger(__name__)

LOOKED_EVERY = 5.0
"""Seconds between two looks."""
NOTED_EVERY = 600_000
"""Milliseconds between two notes that a program is here."""


class Used(NamedTuple):
    """A program, and the digest of the token by which it is here. Its clients are a group of that name."""

    id: str
    digest: str


class ProgramWatch:
    def __init__(self, relay: Relay, programs: Programs) -> None:
        self._relay = relay
        self._programs = programs
        self._here: Counter[Used] = Counter()
        self._came: set[Used] = set()
        """Those that came since the last look. They may have gone already."""

    def came(self, identity: Identity) -> None:
        """A client has connected. Does nothing for one that is no program."""
        if identity.program:
            used = Used(identity.person.id, identity.login)
            self._here[used] += 1
            self._came.add(used)

    def went(self, identity: Identity) -> None:
        """A client has disconnected."""
        if identity.program:
            used = Used(identity.person.id, identity.login)
            self._here[used] -= 1
            if self._here[used] < 1:
                del self._here[used]

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(LOOKED_EVERY)
            try:
                await self.look()
            except LogUnavailable as error:  # they stay; nothing can be written meanwhile
                logger.debug("programs could not be looked up: %s", error)

    async def look(self) -> None:
        """Ask about the programs that are here or were. Raises LogUnavailable."""
        came, asked = set(self._came), set(self._here) | self._came
        if not asked:
            return
        standing = await self._programs.note((each.id for each in asked), NOTED_EVERY)
        self._came -= came
        for each in asked:
            if standing.get(each.id) != each.digest:
                await self._relay.disconnect_group_here(each.digest)
