"""The moderators' Socket.IO events: delete, mute, ban and lift, lock and slow, and what was done so far.

Each is refused as `forbidden` to everybody else, and is written down before it is done.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, NamedTuple

from relay import LogUnavailable

from chat.domain.address import check_address
from chat.domain.audit import Audit
from chat.domain.messages import check_id, deletion, message_of, tombstone
from chat.domain.moderators import Moderators, no_moderators
from chat.domain.people import Person, check_name
from chat.domain.purge import Purge
from chat.domain.refusals import Refused
from chat.domain.rooms import check_room
from chat.domain.sanctions import KINDS, LONGEST, SLOWEST, Sanctions, Subject
from chat.events.answers import Answer
from chat.events.arguments import arguments_of, seq_of
from chat.events.connection import Connection
from chat.events.events import Events

logger = logging.getLogger(__name__)

ENFORCED = 5.0
"""Seconds between two looks for somebody who is banned and still here: word of a ban can be lost."""


class Moderator(NamedTuple):
    person: Person
    address: str


Handler = Callable[["Moderation", Moderator, dict[str, Any]], Awaitable[Answer]]


def by_moderators(handler: Handler) -> Callable[..., Awaitable[Answer]]:
    """Handle a moderator's event of one argument, an object, and refuse it to anybody else."""

    @wraps(handler)
    async def answer(moderation: "Moderation", connection: Connection, *arguments: Any) -> Answer:
        if not connection.identity.moderator:
            if not moderation.moderators.possible:
                raise no_moderators()
            raise Refused("forbidden", "Only a moderator can do this.")
        _, options = arguments_of(arguments)
        by = Moderator(connection.person, connection.address)
        return await handler(moderation, by, options)

    return answer


class Moderation:
    """The handlers of one server."""

    def __init__(
        self, events: Events, moderators: Moderators, sanctions: Sanctions, audit: Audit, purge: Purge
    ) -> None:
        """`events`: those that everybody has."""
        self.relay = events.relay
        self.moderators = moderators
        self.sanctions = sanctions
        self.whereabouts = events.whereabouts
        self.audit = audit
        self.purge = purge
        for name in ("delete", "purge", "mute", "ban", "lift", "lock", "slow"):
            events.registry.declare(name, getattr(self, f"on_{name}"))
        for name in ("sanctions", "audit"):
            events.registry.declare(name, getattr(self, f"on_{name}"), large=True)

    @by_moderators
    async def on_delete(self, by: Moderator, options: dict[str, Any]) -> Answer:
        """`{room, seq, id}`: all three, since a number alone means another message in another log."""
        room, seq, id = check_room(options.get("room")), seq_of(options, "seq"), check_id(options.get("id"))
        page = await self.relay.read(room, after=max(seq or 0, 1) - 1, limit=1)
        message = message_of(page.entries[0]) if page.entries else {}
        if (message.get("seq"), message.get("id")) != (seq, id):
            raise Refused("invalid", f"The room {room} has no such message.", reason="no_such_message")
        if "deleted" not in message:
            await self.audit.note("delete", *by, room=room, seq=seq, person=message["author"])
            await self.relay.amend(
                room, page.entries[0].seq, id, tombstone(message), *deletion(message["seq"])
            )
        return {"room": room, "seq": seq}

    @by_moderators
    async def on_purge(self, by: Moderator, options: dict[str, Any]) -> Answer:
        """`{room}`: all that was written there. Or `{person, name?, seconds?, next?}`: what they wrote within
        so many seconds, or ever, in every room; where the answer has `next`, ask again with it."""
        if options.get("person") is None:
            cleared = check_room(options.get("room"))
            await self.audit.note("clear", *by, room=cleared)
            await self.purge.room(cleared)
            return {"room": cleared}
        whom, seconds, begin = subject_of(options), seq_of(options, "seconds"), options.get("next")
        if not isinstance(begin, dict | None):
            raise Refused("invalid", "`next` is what an earlier answer gave.")
        begin = begin or {}
        room = None if begin.get("room") is None else check_room(begin["room"])
        about = {} if seconds is None else {"past": seconds}
        await self.audit.note("purge", *by, **described(whom, options), **about)
        reached = await self.purge.person(whom.key, seconds, room, seq_of(begin, "before"))
        following = {"room": reached.room, "before": reached.before}
        return {"purged": reached.purged} | ({} if reached.room is None else {"next": following})

    @by_moderators
    async def on_mute(self, by: Moderator, options: dict[str, Any]) -> Answer:
        """`{person? | address?, name?, addresses?, seconds?}`"""
        return await self._impose("mute", by, options)

    @by_moderators
    async def on_ban(self, by: Moderator, options: dict[str, Any]) -> Answer:
        """`{person? | address?, name?, addresses?, seconds?}`"""
        return await self._impose("ban", by, options)

    @by_moderators
    async def on_lift(self, by: Moderator, options: dict[str, Any]) -> Answer:
        """`{kind, person? | address?}`"""
        kind, whom = options.get("kind"), subject_of(options)
        if kind not in KINDS:
            raise Refused("invalid", "`kind` is mute or ban.")
        await self.audit.note(f"lift {kind}", *by, **described(whom, options))
        await self.sanctions.lift(kind, whom)
        return {}

    @by_moderators
    async def on_lock(self, by: Moderator, options: dict[str, Any]) -> Answer:
        """`{room, locked}`"""
        room, locked = check_room(options.get("room")), options.get("locked")
        if not isinstance(locked, bool):
            raise Refused("invalid", "`locked` is true or false.")
        await self.audit.note("lock" if locked else "unlock", *by, room=room)
        await self.sanctions.lock(room, locked)
        await self.relay.emit_ephemeral("rules", {"room": room, "locked": locked}, room)
        return {"room": room, "locked": locked}

    @by_moderators
    async def on_slow(self, by: Moderator, options: dict[str, Any]) -> Answer:
        """`{room, seconds}`; 0 ends it."""
        room, seconds = check_room(options.get("room")), seq_of(options, "seconds")
        if seconds is None or seconds > SLOWEST:
            raise Refused("invalid", f"`seconds` is a whole number, at most {SLOWEST}; 0 ends it.")
        await self.audit.note("slow", *by, room=room, pace=seconds)
        await self.sanctions.slow(room, seconds)
        await self.relay.emit_ephemeral("rules", {"room": room, "slow": seconds}, room)
        return {"room": room, "slow": seconds}

    @by_moderators
    async def on_sanctions(self, by: Moderator, options: dict[str, Any]) -> Answer:
        """No arguments. The mutes and bans that stand."""
        return {"sanctions": await self.sanctions.list()}

    @by_moderators
    async def on_audit(self, by: Moderator, options: dict[str, Any]) -> Answer:
        """`{before?}`: what moderators did, the last first."""
        return await self.audit.page(options.get("before"))

    async def enforce(self) -> None:
        """Look for the banned from time to time, until cancelled."""
        while True:
            await asyncio.sleep(ENFORCED)
            try:
                await self.sanctions.enforce()
            except LogUnavailable as error:
                logger.debug("bans could not be looked up: %s", error)

    async def _impose(self, kind: str, by: Moderator, options: dict[str, Any]) -> Answer:
        whom, seconds = subject_of(options), seq_of(options, "seconds")
        if seconds is not None and not 1 <= seconds <= LONGEST:
            raise Refused("invalid", f"`seconds` is from 1 to {LONGEST}; without it, until it is lifted.")
        about = {"name": check_name(options["name"])} if options.get("name") is not None else {}
        about |= {"by": by.person.name}

        async def impose(each: Subject) -> None:
            what = described(each, options) | ({} if seconds is None else {"seconds": seconds})
            await self.audit.note(kind, *by, **what)
            await self.sanctions.impose(kind, each, about, seconds)

        await impose(whom)  # at once: the addresses take a moment to be known
        addresses = [whom.key] if whom.sort == "address" else []
        if options.get("addresses") is True and whom.sort == "person":
            addresses = [each for each in await self.whereabouts.of(whom.key) if each != by.address]
            for each in addresses:
                await impose(Subject("address", each))
        return {"addresses": addresses}


def subject_of(options: dict[str, Any]) -> Subject:
    """Return whom the options name, by `person` or by `address`. Raises Refused."""
    match options.get("person"), options.get("address"):
        case str(person), None:
            return Subject("person", check_id(person))
        case None, str(address):
            return Subject("address", check_address(address))
    raise Refused("invalid", "Name either a `person`, by id, or an `address`.")


def described(whom: Subject, options: dict[str, Any]) -> dict[str, Any]:
    """Return whom something was done to, for the audit log."""
    name = options.get("name")
    if whom.sort == "address":
        return {"address": whom.key}
    return {"person": {"id": whom.key, **({} if name is None else {"name": check_name(name)})}}
