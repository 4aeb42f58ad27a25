"""The Socket.IO events: from the wire to the objects that know what they mean, and back."""

import asyncio
from dataclasses import replace
from typing import Any

from relay import Appended, Relay

from chat.domain.messages import Draft
from chat.domain.rate_limits import RateLimit
from chat.domain.refusals import Refused
from chat.domain.room_names import is_guarded
from chat.domain.rooms_of_people import Rooms
from chat.domain.sanctions import Sanctions
from chat.domain.targets import Targets
from chat.events.answers import Answer, people_of
from chat.events.arguments import anything, epoch, flag, reply, room, room_or_lobby, whole_number
from chat.events.connection import Connection
from chat.events.connections import member_of
from chat.events.event import Event, Who
from chat.events.history import PAGE, History
from chat.events.joined import Joined
from chat.events.writing import Writing
from chat.files.attaching import Attaching
from chat.people.marks import Marks
from chat.people.reading import Reading
from chat.rooms.access import Access, Known
from chat.rooms.descriptions import Descriptions
from chat.rooms.membership import Membership
from chat.rooms.renewal import Renewal

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
        joined: Joined,
        writing: Writing,
        attaching: Attaching,
        message_max_chars: int,
    ) -> None:
        self.relay = relay
        self.rooms_of_people = rooms
        self.access = access
        self.membership = membership
        self.renewal = renewal
        self.descriptions = descriptions
        self.marks = marks
        self.sanctions = sanctions
        self.joined = joined
        self.writing = writing
        self.attaching = attaching
        self.message_max_chars = message_max_chars
        self.pages = History(relay.log)
        self.targets = Targets(relay.log)

    def table(self) -> list[Event]:
        """Return the events that everybody may send."""
        everybody, requests = Who.EVERYBODY, RateLimit.REQUESTS
        return [
            Event(
                "message",
                self.message,
                who=everybody,
                limit=RateLimit.MESSAGES,
                arguments={
                    "id": anything("id"),
                    "room": room_or_lobby,
                    "mentions": anything("mentions"),
                    "here": anything("here"),
                    "reply": reply,
                    "files": anything("files"),
                },
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
        self,
        connection: Connection,
        text: Any,
        id: Any,
        room: str,
        mentions: Any = None,
        here: Any = None,
        reply: tuple[int | None, str] | None = None,
        files: Any = None,
    ) -> Answer:
        """Keep a message."""
        identity = connection.identity
        draft = Draft.compose(
            identity.person,
            text,
            id,
            self.message_max_chars,
            mentions,
            moderator=identity.moderator,
            program=identity.program,
            here=here,
            with_files=bool(files),
        )
        await self.joined.check(connection, room)
        if files:
            async with self.attaching.to(room, identity.person.id, draft.id, files) as attached:
                kept = await self._keep(connection, room, replace(draft, files=attached.wire), reply)
                await attached.wrote(kept.epoch, kept.seq)
        else:
            kept = await self._keep(connection, room, draft, reply)
        return {"id": draft.id, "room": room, "seq": kept.seq, "at": kept.at, "epoch": kept.epoch}

    async def _keep(
        self, connection: Connection, room: str, draft: Draft, reply: tuple[int | None, str] | None = None
    ) -> Appended:
        if reply is not None:
            return await self._keep_reply(connection, room, draft, *reply)
        post = self.writing.message(connection, room, draft)
        return await self.writing.write(connection, room, lambda: self.relay.log.append(room, post))

    async def _keep_reply(
        self, connection: Connection, room: str, draft: Draft, seq: int | None, id: str
    ) -> Appended:
        """Keep a message that answers another one. It may have been kept before the other was deleted."""
        try:
            draft = replace(draft, reply=await self.targets.reply(room, seq, id))
        except Refused:
            post = self.writing.message(connection, room, draft)
            if (first := await self.writing.first_answer(connection, room, post)) is None:
                raise
            return first
        return await self._keep(connection, room, draft)

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
        newest = after is None or reset
        page = await self.pages.read_on(room, page, PAGE, newest=newest)
        answer = await self.pages.answer(room, page, identity.person.id, newest=newest)
        answer |= {"reset": True} if reset else {}
        answer |= {"about": about, "rules": await self.sanctions.of_room(room, identity, connection.address)}
        await self.joined.check_still_in(connection, room)
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
        await self.joined.check(connection, room)
        page = await self.pages.read(room, after, before, min(limit or PAGE, PAGE))
        answer = await self.pages.answer(room, page, connection.person.id, newest=after is None)
        await self.joined.check_still_in(connection, room)
        return answer

    async def typing(self, connection: Connection, room: str, typing: bool) -> Answer:
        """Deliver to a room's other clients whether the person writes: at once or not at all. A client that
        receives no more of it ends it by itself after a few seconds."""
        await self.joined.check(connection, room)
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
