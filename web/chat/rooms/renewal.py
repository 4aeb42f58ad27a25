"""Renewal: what is kept of guarded rooms lasts as long as somebody comes, and then it ends.

Whoever joins a guarded room is a member of it for another while, and so long is the room kept; that is
written once a month at most. A room whose members are all gone can't be read by anybody ever again: no cookie
counts as long as a membership lasts. Its record ends by itself, and then what was written there is deleted.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from time import time

from relay import LogUnavailable, Quota, Relay

from chat.domain.room_names import is_guarded
from chat.rooms import room_list, room_record
from chat.rooms.access import Known
from chat.rooms.room_record import ABOUT, PRIVATE, ROOMS_LAST, About, Member

logger = logging.getLogger(__name__)

RENEWED_EVERY = 30 * 86_400
"""Seconds between two renewals of a membership."""
LOOKED_EVERY = 3600.0
"""Seconds between two times that a worker asks whether it is to look for rooms that have ended."""
SWEPT = Quota("guarded rooms looked through", 1, 86_400)
"""How often one of the workers does."""
BATCH = 100
"""Rooms that are asked about at once."""


class Renewal:
    def __init__(self, relay: Relay, now: Callable[[], float] = time) -> None:
        """`now`: seconds since 1970."""
        self._relay = relay
        self._records = relay.records
        self._now = now

    async def renew(self, person: str, room: str, known: Known) -> None:
        """Keep somebody's membership, and the room, for another while, if that was not done lately. A private
        room without a maker gets one. What can't be done now is done another time."""
        now = int(self._now() * 1000)
        if known.member is None or now - max(known.member.at, known.member.seen) < RENEWED_EVERY * 1000:
            return
        with suppress(LogUnavailable):
            await self._renew(person, room, now)

    async def _renew(self, person: str, room: str, now: int) -> None:
        found, kept = await self._records.read(room_record.ask_all(room), room_record.ask_members(room))
        if ABOUT not in found or person not in kept:
            return
        about, members = About.read(found[ABOUT]), {id: Member.read(data) for id, data in kept.items()}
        # First, since the membership says when both were renewed.
        others = [each for each in about.people if each != person]
        await self._records.change(person, room_list.put(person, room, others))
        changed = {person: replace(members[person], seen=now)}
        if about.kind == PRIVATE and not any(each.maker for each in members.values()):
            heir = min(members, key=lambda each: (members[each].at, each))
            changed[heir] = changed.get(heir, members[heir]).as_maker()
        puts, expected = room_record.renew(room, found)
        puts += [member.put(room, each) for each, member in changed.items()]
        expected += [room_record.expect_member(room, each, kept[each]) for each in changed]
        await self._records.change(room, *puts, expect=expected)

    async def run(self) -> None:
        """Look for rooms that have ended once a day, whichever worker comes first, until cancelled."""
        while True:
            await asyncio.sleep(LOOKED_EVERY)
            try:
                if await self._relay.store.take(SWEPT) is None:
                    await self.sweep()
            except LogUnavailable as error:
                logger.debug("rooms that have ended could not be looked for: %s", error)

    async def sweep(self) -> None:
        """Delete what was written in guarded rooms that are no more, and in which nothing was written for as
        long as a room lasts. So nothing is deleted that a member could come back to, nor where records were
        lost lately. Raises LogUnavailable."""
        rooms = sorted(filter(is_guarded, await self._relay.log.logs()))
        for first in range(0, len(rooms), BATCH):
            batch = rooms[first : first + BATCH]
            found = await self._records.read(
                *map(room_record.ask, batch), *map(room_record.ask_members, batch)
            )
            for room, about, members in zip(batch, found, found[len(batch) :], strict=False):
                if not about and not members and await self._is_old(room):
                    await self._relay.log.clear(room)
                    logger.info("Deleted what was written in a room that nobody can come into any more")

    async def _is_old(self, room: str) -> bool:
        page = await self._relay.log.read(room, limit=1)
        return bool(page.entries) and page.entries[-1].at < (self._now() - ROOMS_LAST) * 1000
