"""The moderators' Socket.IO events: purge, mute, ban and lift, lock and slow, and what was done so far.

Each is refused as `forbidden` to everybody else, and is written down before it is done.
"""

import asyncio
import logging
from functools import partial
from typing import Any

from relay import LogUnavailable, Relay

from chat.domain.audit import Audit
from chat.domain.purge import Purge
from chat.domain.rate_limits import RateLimit
from chat.domain.recent_addresses import RecentAddresses
from chat.domain.room_rules import RoomRules
from chat.domain.sanctions import Sanctions, Subject
from chat.events import moderation_arguments as arguments
from chat.events.answers import Answer
from chat.events.arguments import anything, flag, room
from chat.events.connection import Connection
from chat.events.event import Event, Who
from chat.events.moderation_arguments import PersonPurge
from chat.rooms.access import Access, place_of

logger = logging.getLogger(__name__)

ENFORCED = 5.0
"""Seconds between two looks for somebody who is banned and still here: word of a ban can be lost."""


class Moderation:
    """The handlers of moderators' events."""

    def __init__(
        self,
        relay: Relay,
        sanctions: Sanctions,
        room_rules: RoomRules,
        recent_addresses: RecentAddresses,
        audit: Audit,
        purge: Purge,
        access: Access,
    ) -> None:
        self._relay = relay
        self._sanctions = sanctions
        self._room_rules = room_rules
        self._recent_addresses = recent_addresses
        self._audit = audit
        self._purge = purge
        self._access = access

    def table(self) -> list[Event]:
        """Return the events that only moderators may send."""
        event = partial(Event, who=Who.MODERATORS, limit=RateLimit.REQUESTS)
        sanction = {"whom": arguments.subject, "name": arguments.name}
        imposed = sanction | {"addresses": anything("addresses"), "seconds": arguments.duration}
        return [
            event("purge", self.purge, arguments={"what": arguments.purge}),
            event("mute", self.mute, arguments=imposed),
            event("ban", self.ban, arguments=imposed),
            event("lift", self.lift, arguments={"kind": arguments.kind, **sanction}),
            event("lock", self.lock, arguments={"room": room, "locked": flag("locked")}),
            event("slow", self.slow, arguments={"room": room, "seconds": arguments.pause}),
            event("sanctions", self.sanctions, large=True),
            event("audit", self.audit, arguments={"before": anything("before")}, large=True),
        ]

    async def purge(self, by: Connection, what: str | PersonPurge) -> Answer:
        """Empty a room; or what a person wrote, in every room. Where the answer has `next`, the client asks
        again with it."""
        if isinstance(what, str):
            await self._access.check(by.identity, what)
            await self._note("clear", by, **place_of(what))
            await self._purge.room(what)
            return {"room": what}
        about = {} if what.seconds is None else {"past": what.seconds}
        await self._note("purge", by, **described(what.whom, what.name), **about)
        reached = await self._purge.person(what.whom.key, what.seconds, what.room, what.before)
        following = {"room": reached.room, "before": reached.before}
        return {"purged": reached.purged} | ({} if reached.room is None else {"next": following})

    async def mute(self, by: Connection, **sanction: Any) -> Answer:
        """Keep somebody from writing."""
        return await self._impose("mute", by, **sanction)

    async def ban(self, by: Connection, **sanction: Any) -> Answer:
        """Disconnect somebody, and let them in no more."""
        return await self._impose("ban", by, **sanction)

    async def lift(self, by: Connection, kind: str, whom: Subject, name: str | None) -> Answer:
        """End a mute or a ban."""
        await self._note(f"lift {kind}", by, **described(whom, name))
        await self._sanctions.lift(kind, whom)
        return {}

    async def lock(self, by: Connection, room: str, locked: bool) -> Answer:
        """Let only moderators write in a room, or everybody again."""
        await self._access.check(by.identity, room)
        await self._note("lock" if locked else "unlock", by, **place_of(room))
        await self._room_rules.lock(room, locked)
        await self._relay.emit_volatile("rules", {"room": room, "locked": locked}, room)
        return {"room": room, "locked": locked}

    async def slow(self, by: Connection, room: str, seconds: int) -> Answer:
        """Let each person write once in so many seconds; 0 ends it."""
        await self._access.check(by.identity, room)
        await self._note("slow", by, **place_of(room), pace=seconds)
        await self._room_rules.slow(room, seconds)
        await self._relay.emit_volatile("rules", {"room": room, "slow": seconds}, room)
        return {"room": room, "slow": seconds}

    async def sanctions(self, by: Connection) -> Answer:
        """The mutes and bans that stand."""
        return {"sanctions": await self._sanctions.list()}

    async def audit(self, by: Connection, before: Any) -> Answer:
        """What moderators did, the last first."""
        return await self._audit.page(before)

    async def enforce(self) -> None:
        """Look for the banned from time to time, until cancelled."""
        while True:
            await asyncio.sleep(ENFORCED)
            try:
                await self._sanctions.enforce()
            except LogUnavailable as error:
                logger.debug("bans could not be looked up: %s", error)

    async def _impose(
        self,
        kind: str,
        by: Connection,
        whom: Subject,
        name: str | None,
        addresses: Any,
        seconds: int | None,
    ) -> Answer:
        about = ({} if name is None else {"name": name}) | {"by": by.person.name}

        async def impose(each: Subject) -> None:
            what = described(each, name) | ({} if seconds is None else {"seconds": seconds})
            await self._note(kind, by, **what)
            await self._sanctions.impose(kind, each, about, seconds)

        await impose(whom)  # at once: the addresses take a moment to be known
        reached = [whom.key] if whom.sort == "address" else []
        if addresses is True and whom.sort == "person":
            reached = [each for each in await self._recent_addresses.of(whom.key) if each != by.address]
            for each in reached:
                await impose(Subject("address", each))
        return {"addresses": reached}

    async def _note(self, what: str, by: Connection, **about: Any) -> None:
        """Write down what is about to be done."""
        await self._audit.note(what, by.person, by.address, **about)


def described(whom: Subject, name: str | None) -> dict[str, Any]:
    """Return whom something was done to, for the audit log."""
    if whom.sort == "address":
        return {"address": whom.key}
    return {"person": {"id": whom.key, **({} if name is None else {"name": name})}}
