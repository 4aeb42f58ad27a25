"""The events of guarded rooms: how they begin, who comes into them and who goes."""

from typing import Any

from relay import Limited, Relay, TooManyLogs

from chat.domain.messages import check_id
from chat.domain.moderators import check_moderator
from chat.domain.rate_limits import MessageRateLimit, RateLimit
from chat.domain.refusals import Refused
from chat.domain.roles import MODERATE
from chat.domain.room_names import is_guarded
from chat.domain.sanctions import Sanctions
from chat.events.answers import Answer
from chat.events.arguments import Options, anything, people, person, room
from chat.events.connection import Connection
from chat.events.event import Event, Who
from chat.rooms.access import Known
from chat.rooms.descriptions import Descriptions
from chat.rooms.membership import Membership
from chat.rooms.room_record import DIRECT, PRIVATE, Member
from chat.rooms.titles import check_title, check_topic

AT_ONCE = 20
"""People who come into a private room when it is made. Others are added one by one."""
OTHERS = 7
"""People in a direct room besides the one who makes it."""


class MembershipEvents:
    """The handlers of one server."""

    def __init__(
        self,
        relay: Relay,
        membership: Membership,
        descriptions: Descriptions,
        sanctions: Sanctions,
        limit: MessageRateLimit,
    ) -> None:
        self._relay = relay
        self._membership = membership
        self._descriptions = descriptions
        self._sanctions = sanctions
        self._limit = limit

    def table(self) -> list[Event]:
        """Return the events that members and makers of rooms send."""
        everybody, requests = Who.EVERYBODY, RateLimit.REQUESTS
        text = {"title": anything("title"), "topic": anything("topic")}
        about = {"kind": kind, **text, "people": people(AT_ONCE), "id": made_id}
        return [
            Event("create", self.create, everybody, requests, about),
            Event("members", self.members, everybody, requests, {"room": room}, large=True),
            Event("invite", self.invite, everybody, requests, {"room": room, "person": person}),
            Event("remove", self.remove, everybody, requests, {"room": room, "person": person}),
            Event("describe", self.describe, everybody, requests, {"room": room, **text}),
        ]

    async def create(
        self, by: Connection, kind: str, title: Any, topic: Any, people: list[str], id: str | None
    ) -> Answer:
        """Make a private room, or the direct room of some people."""
        if kind == PRIVATE:
            title, topic = check_title(title), check_topic("" if topic is None else topic)
        elif len(people) > OTHERS:
            raise Refused("invalid", f"A direct room has at most {OTHERS} others in `people`.")
        await self._sanctions.check_mute(by.identity, by.address)
        limits = self._limit.creation_by(by.person.id, by.counted_at)
        try:
            if kind == PRIVATE:
                made = await self._membership.create(by.identity, title, topic, people, id, limits)
            else:
                made = await self._membership.converse(by.identity, people, limits)
        except Limited as limited:
            raise self._limit.refusal(limited) from None
        except TooManyLogs:
            raise self._limit.no_more_rooms() from None
        return await self._about(by, *made)

    async def members(self, by: Connection, room: str) -> Answer:
        """Who is in a guarded room."""
        members = await self._membership.members(by.identity, room)
        people = await self._descriptions.people(members)

        def said(id: str, member: Member) -> dict[str, Any]:
            record = people.get(id)
            marks = {
                "maker": member.maker,
                "moderator": record is not None and record.role in MODERATE,
                "program": record is not None and record.program,
            }
            return {
                "id": id,
                "name": member.name if record is None else record.name,
                **{name: True for name, holds in marks.items() if holds},
            }

        return {"room": room, "members": [said(*each) for each in members.items()]}

    async def invite(self, by: Connection, room: str, person: str) -> Answer:
        """Add somebody to a private room."""
        await self._sanctions.check_mute(by.identity, by.address)
        added = await self._membership.invite(by.identity, room, person)
        return {"room": room, "person": {"id": added.id, "name": added.name}}

    async def remove(self, by: Connection, room: str, person: str) -> Answer:
        """Put somebody out of a private room."""
        await self._membership.remove(by.identity, room, person)
        return {"room": room}

    async def describe(self, by: Connection, room: str, title: Any, topic: Any) -> Answer:
        """Change the title and the topic of a room."""
        if is_guarded(room):
            await self._membership.check_maker(by.identity, room)
        else:
            check_moderator(by.identity)
        await self._sanctions.check_mute(by.identity, by.address)
        title = None if title is None else check_title(title, needed=is_guarded(room))
        topic = None if topic is None else check_topic(topic)
        known = await self._membership.describe(by.identity, room, title, topic)
        about = {"title": known.about.title, "topic": known.about.topic}
        await self._relay.emit_volatile("described", {"room": room, **about}, room)
        return await self._about(by, room, known)

    async def _about(self, by: Connection, room: str, known: Known) -> Answer:
        return {"room": room, "about": await self._descriptions.one(by.identity, room, known)}


def kind(options: Options) -> str:
    """Read of which kind a new room is to be."""
    value = options.get("kind")
    if value not in (PRIVATE, DIRECT):
        raise Refused("invalid", "`kind` is private or direct.")
    return str(value)


def made_id(options: Options) -> str | None:
    """Read the id by which a client may ask again for the same room; None if there is none."""
    value = options.get("id")
    return None if value is None else check_id(value)
