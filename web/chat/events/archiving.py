"""The event `archive`: moderators archive open rooms, and makers their private ones; and bring them back."""

from relay import Relay

from chat.domain.audit import Audit
from chat.domain.rate_limits import RateLimit
from chat.domain.sanctions import Sanctions
from chat.events.answers import Answer
from chat.events.arguments import flag, room
from chat.events.connection import Connection
from chat.events.event import Event, Who
from chat.rooms.access import Access, place_of
from chat.rooms.archiving import Archiving
from chat.rooms.descriptions import Descriptions


class ArchivingEvents:
    """The handler of one server."""

    def __init__(
        self,
        relay: Relay,
        archiving: Archiving,
        access: Access,
        descriptions: Descriptions,
        sanctions: Sanctions,
        audit: Audit,
    ) -> None:
        self._relay = relay
        self._archiving = archiving
        self._access = access
        self._descriptions = descriptions
        self._sanctions = sanctions
        self._audit = audit

    def table(self) -> list[Event]:
        """Return the event, which makers send too."""
        arguments = {"room": room, "archived": flag("archived")}
        return [Event("archive", self.archive, Who.EVERYBODY, RateLimit.REQUESTS, arguments)]

    async def archive(self, by: Connection, room: str, archived: bool) -> Answer:
        """Archive a room, or bring it back. What makers do in rooms of theirs is not in the audit log."""
        await self._access.check_archiving(by.identity, room)
        await self._sanctions.check_mute(by.identity, by.address)
        if by.identity.moderator:
            what = "archive" if archived else "bring back"
            await self._audit.note(what, by.person, by.address, **place_of(room))
        known = await self._archiving.archive(by.identity, room, archived)
        about = {"title": known.about.title, "topic": known.about.topic, "archived": archived}
        await self._relay.emit_volatile("described", {"room": room, **about}, room)
        return {"room": room, "about": await self._descriptions.one(by.identity, room, known)}
