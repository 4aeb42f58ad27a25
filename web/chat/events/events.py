"""The Socket.IO events: from the wire to the objects that know what they mean, and back."""

import asyncio
from collections.abc import Callable
from typing import Any

from relay import (
    Appended,
    Denied,
    Limited,
    LogCreation,
    Post,
    Relay,
    RequirementUnmet,
    TooManyLogs,
)

from chat.domain.messages import ANSWER_MAX_BYTES, Draft
from chat.domain.rate_limits import MessageRateLimit, RateLimit
from chat.domain.recent_addresses import RecentAddresses
from chat.domain.refusals import Refused
from chat.domain.room_names import LOBBY, is_guarded
from chat.domain.rooms_of_people import Rooms
from chat.domain.sanctions import Sanctions
from chat.events.answers import Answer, answer_of, people_of
from chat.events.arguments import anything, epoch, flag, room, room_or_lobby, whole_number
from chat.events.connection import Connection, Terms
from chat.events.connections import member_of
from chat.events.event import Event, Who
from chat.people.marks import Marks
from chat.people.reading import Reading
from chat.rooms.access import Access, Known, requiring, unknown_room
from chat.rooms.descriptions import Descriptions
from chat.rooms.membership import Membership
from chat.rooms.renewal import Renewal

PAGE = 200  # messages that one answer holds at most
UNREAD = Reading()


class Events:
    """The handlers of one server."""

    def __init__(
        self,
        relay: Relay,
        rooms: Rooms,
        access: Access,
        membership: Membership,
        renewal: Renewal,
        descriptions: Descriptions,
        marks: Marks,
        sanctions: Sanctions,
        recent_addresses: RecentAddresses,
        message_max_chars: int,
        limit: MessageRateLimit,
        strike: Callable[[Connection], object],
    ) -> None:
        self.relay = relay
        self.rooms_of_people = rooms
        self.access = access
        self.membership = membership
        self.renewal = renewal
        self.descriptions = descriptions
        self.marks = marks
        self.sanctions = sanctions
        self.recent_addresses = recent_addresses
        self.message_max_chars = message_max_chars
        self.limit = limit
        self.strike = strike

    def table(self) -> list[Event]:
        """Return the events that everybody may send."""
        everybody, requests = Who.EVERYBODY, RateLimit.REQUESTS
        return [
            Event(
                "message",
                self.message,
                who=everybody,
                limit=RateLimit.MESSAGES,
                arguments={"id": anything("id"), "room": room_or_lobby, "mentions": anything("mentions")},
                text=True,
            ),
            Event(
                "join",
                self.join,
                who=everybody,
                limit=requests,
                arguments={"room": room, "after": whole_number("after"), "epoch": epoch},
                large=True,
            ),
            Event("leave", self.leave, who=everybody, limit=requests, arguments={"room": room}),
            Event(
                "history",
                self.history,
                who=everybody,
                limit=requests,
                arguments={
                    "room": room,
                    "after": whole_number("after"),
                    "before": whole_number("before"),
                    "limit": whole_number("limit"),
                },
                large=True,
            ),
            Event(
                "typing",
                self.typing,
                who=everybody,
                limit=RateLimit.TYPING,
                arguments={"room": room_or_lobby, "typing": flag("typing")},
            ),
            Event("rooms", self.rooms, who=everybody, limit=requests, large=True),
        ]

    async def message(
        self, connection: Connection, text: Any, id: Any, room: str, mentions: Any = None
    ) -> Answer:
        """Keep a message."""
        identity = connection.identity
        author = identity.person
        draft = Draft.compose(
            author,
            text,
            id,
            self.message_max_chars,
            mentions,
            moderator=identity.moderator,
            program=identity.program,
        )
        await self.check_joined(connection, room)
        data = draft.data()
        terms = connection.terms.get(room) or self._terms(connection, room)
        post = Post(
            draft.id,
            data,
            fingerprint=draft.text.encode(),
            author=terms.author,
            preconditions=terms.preconditions,
            rates=self.limit.buckets(author.id, connection.counted_at, len(data)),
            creation=terms.creation,
        )
        try:
            kept = await self._append(connection, room, post)
        except Denied as denied:
            raise self.sanctions.refusal(denied) from None
        except Limited as limited:
            raise self.limit.refusal(limited) from None
        except TooManyLogs:
            raise self.limit.no_more_rooms() from None
        if connection.seen():
            self.recent_addresses.note(author, connection.address)
        if kept.duplicate:
            self.strike(connection)
        return {"id": draft.id, "room": room, "seq": kept.seq, "at": kept.at, "epoch": kept.epoch}

    async def join(self, connection: Connection, room: str, after: int | None, epoch: str | None) -> Answer:
        """Enter a room, and read what came after `after`, or the newest page."""
        sid, identity = connection.sid, connection.identity
        known = None
        if is_guarded(room):
            known = await self._look(connection, room)
        elif not self.relay.joined(sid, room):
            await self.rooms_of_people.enter(identity, connection.rooms, connection.counted_at, room)
        await self.relay.join(sid, room, member_of(connection))
        if known is not None:
            await self.renewal.renew(identity.person.id, room, known)
        (page, reset), about = await asyncio.gather(
            self.relay.resume(room, after=after, epoch=epoch, limit=PAGE),
            self._about(connection, room, known),
        )
        page = page.fitting(ANSWER_MAX_BYTES, newest=after is None or reset)
        answer = {"room": room, "epoch": page.head.epoch, "head": page.head.seq, **answer_of(page)}
        answer |= {"reset": True} if reset else {}
        answer |= {"about": about, "rules": await self.sanctions.of_room(room, identity, connection.address)}
        await self.check_still_in(connection, room)
        return answer | {"people": people_of(self.relay.people(room))}  # last: see Relay.people

    async def leave(self, connection: Connection, room: str) -> Answer:
        """Leave a room."""
        connection.terms.pop(room, None)
        await self.relay.leave(connection.sid, room)
        if is_guarded(room):
            await self.membership.leave(connection.identity, room, connection.sid)
            return {}
        await self.rooms_of_people.leave(connection.identity, connection.rooms, room)
        return {}

    async def history(
        self, connection: Connection, room: str, after: int | None, before: int | None, limit: int | None
    ) -> Answer:
        """Read a page of a room that the client is in."""
        await self.check_joined(connection, room)
        page = await self.relay.log.read(room, after=after, before=before, limit=min(limit or PAGE, PAGE))
        await self.check_still_in(connection, room)
        page = page.fitting(ANSWER_MAX_BYTES, newest=after is None)
        return {"room": room, "epoch": page.head.epoch, "head": page.head.seq, **answer_of(page)}

    async def typing(self, connection: Connection, room: str, typing: bool) -> Answer:
        """Deliver to a room's other clients whether the person writes: at once or not at all. A client that
        receives no more of it ends it by itself after a few seconds."""
        await self.check_joined(connection, room)
        await self.sanctions.check_mute(connection.identity, connection.address)
        await self.access.check_in_use(connection.identity, room)
        author = connection.person
        about = {"room": room, "author": {"id": author.id, "name": author.name}, "typing": typing}
        await self.relay.emit_volatile("typing", about, room, skip_sid=connection.sid)
        return {}

    async def rooms(self, connection: Connection) -> Answer:
        """Who the client is, and the person's rooms with how far each has come, and how far it was read."""
        identity = connection.identity
        names, listed, readings = await asyncio.gather(
            self.rooms_of_people.of(identity, connection.rooms),
            self.descriptions.list(identity),
            self.marks.of(connection.reader),
        )
        heads, abouts = await asyncio.gather(
            self.relay.log.heads([*names, *listed]), self.descriptions.of(identity, names, listed)
        )
        rooms = [
            {
                "room": room,
                "epoch": heads[room].epoch,
                "head": heads[room].seq,
                **readings.get(room, UNREAD).wire(heads[room]),
                "about": about,
            }
            for room, about in abouts.items()
        ]
        return {"you": member_of(connection).named(), "rooms": rooms}

    def _terms(self, connection: Connection, room: str) -> Terms:
        """Return the terms of a client's messages in a room, and keep them for the next one."""
        identity, address = connection.identity, connection.address
        terms = connection.terms[room] = Terms(
            # Who has no cookie is somebody new after a reconnect, and tries again from where they were.
            identity.person.id if identity.lasting else f"at:{address}",
            requiring(room, identity, self.sanctions.preconditions(identity, address, room)),
            LogCreation() if room == LOBBY else self.limit.creation(connection.counted_at),
        )
        return terms

    async def check_joined(self, connection: Connection, room: str) -> None:
        """Raise Refused if the client is not in the room."""
        if not self.relay.joined(connection.sid, room):
            await self.access.check(connection.identity, room)
            raise Refused("not_joined", f"Join the room {room} first.", room=room)

    async def check_still_in(self, connection: Connection, room: str) -> None:
        """Raise Refused if the client was put out of a guarded room while it was answered. The order may
        still be on its way to this worker, and what was read may have been written after it: so the record is
        asked once more, after the reading."""
        if not is_guarded(room):
            return
        try:
            await self.access.check(connection.identity, room)
        except Refused:
            await self.relay.leave(connection.sid, room)
            raise
        if not self.relay.joined(connection.sid, room):
            raise unknown_room()

    async def _look(self, connection: Connection, room: str) -> Known:
        """Return what a guarded room is. If somebody was removed from a room on this worker meanwhile, it may
        have been this person from this one, so the question is asked again. Nothing may be awaited between
        this and Relay.join."""
        while True:
            removals = self.relay.removals
            known = await self.access.look(connection.identity, room)
            if removals == self.relay.removals:
                return known

    async def _about(self, connection: Connection, room: str, known: Known | None) -> Answer:
        """Return what a client is told of a room. `known`: what it is, if that was asked."""
        identity = connection.identity
        return await self.descriptions.one(identity, room, known or await self.access.look(identity, room))

    async def _append(self, connection: Connection, room: str, post: Post) -> Appended:
        """Append a message. If what it requires is not there, the person was put out of the room, or it is a
        direct one that somebody has left: then all of its people are let in again."""
        try:
            return await self.relay.log.append(room, post)
        except RequirementUnmet:
            pass
        try:
            await self.membership.reopen(connection.identity, room)
            return await self.relay.log.append(room, post)
        except (Refused, RequirementUnmet):
            connection.terms.pop(room, None)
            await self.relay.leave(connection.sid, room)
            raise unknown_room() from None
