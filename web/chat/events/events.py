"""The Socket.IO events: from the wire to the objects that know what they mean, and back."""

from typing import Any

from relay import Denied, Limited, LogCreation, Post, Relay, TooManyLogs

from chat.domain.limits import MessageLimit
from chat.domain.messages import Draft, fitting
from chat.domain.recent_addresses import Whereabouts
from chat.domain.refusals import Refused
from chat.domain.rooms import LOBBY, Rooms, check_room
from chat.domain.sanctions import Sanctions
from chat.events.answers import Answer, answer_of, people_of
from chat.events.arguments import arguments_of, seq_of
from chat.events.connection import Connection
from chat.events.connections import member_of
from chat.events.registry import Registry

PAGE = 200  # messages that one answer holds at most


class Events:
    """The handlers of one server."""

    def __init__(
        self,
        relay: Relay,
        rooms: Rooms,
        sanctions: Sanctions,
        whereabouts: Whereabouts,
        message_max_chars: int,
        limit: MessageLimit,
        registry: Registry,
    ) -> None:
        self.relay = relay
        self.rooms_of_people = rooms
        self.sanctions = sanctions
        self.whereabouts = whereabouts
        self.message_max_chars = message_max_chars
        self.limit = limit
        self.registry = registry
        for apart in (self.message, self.typing):
            registry.declare(apart.__name__, apart, counted_apart=True)
        registry.declare("leave", self.leave)
        for large in (self.join, self.history, self.rooms):
            registry.declare(large.__name__, large, large=True)

    async def message(self, connection: Connection, *arguments: Any) -> Answer:
        """`text[, {room?, id?}]`"""
        text, options = arguments_of(arguments, text=True)
        identity, author, address = connection.identity, connection.person, connection.address
        draft = Draft.compose(author, text, options.get("id"), self.message_max_chars, identity.moderator)
        room = self.joined(connection, options.get("room", LOBBY))
        data = draft.data()
        post = Post(
            draft.id,
            data,
            fingerprint=draft.text.encode(),
            # Who has no cookie is somebody new after a reconnect, and tries again from where they were.
            author=author.id if identity.lasting else f"at:{address}",
            preconditions=self.sanctions.preconditions(identity, address, room),
            rates=self.limit.buckets(author.id, address, len(data)),
            creation=LogCreation() if room == LOBBY else self.limit.creation(address),
        )
        try:
            kept = await self.relay.append(room, post)
        except Denied as denied:
            raise self.sanctions.refusal(denied) from None
        except Limited as limited:
            raise self.limit.refusal(limited) from None
        except TooManyLogs:
            raise self.limit.no_more_rooms() from None
        if connection.seen():
            self.whereabouts.note(author, address)
        if kept.duplicate:
            self.registry.strike(connection)
        return {"id": draft.id, "room": room, "seq": kept.seq, "at": kept.at, "epoch": kept.epoch}

    async def join(self, connection: Connection, *arguments: Any) -> Answer:
        """`{room, after?, epoch?}`"""
        _, options = arguments_of(arguments)
        room = check_room(options.get("room"))
        after, epoch = seq_of(options, "after"), options.get("epoch")
        if not isinstance(epoch, str | None):
            raise Refused("invalid", "`epoch` is the text that an earlier answer gave.")
        sid, identity, address = connection.sid, connection.identity, connection.address
        if not self.relay.joined(sid, room):
            await self.rooms_of_people.enter(identity, sid, address, room)
        await self.relay.join(sid, room, member_of(connection))
        page, reset = await self.relay.resume(room, after=after, epoch=epoch, limit=PAGE)
        page = fitting(page, newest=after is None or reset)
        answer = {"room": room, "epoch": page.head.epoch, "head": page.head.seq, **answer_of(page)}
        answer |= {"reset": True} if reset else {}
        answer["rules"] = await self.sanctions.of_room(room, identity, address)
        return answer | {"people": people_of(self.relay.people(room))}  # last: see Relay.people

    async def leave(self, connection: Connection, *arguments: Any) -> Answer:
        """`{room}`"""
        _, options = arguments_of(arguments)
        room = check_room(options.get("room"))
        await self.relay.leave(connection.sid, room)
        await self.rooms_of_people.leave(connection.identity, connection.sid, room)
        return {}

    async def history(self, connection: Connection, *arguments: Any) -> Answer:
        """`{room, before?, after?, limit?}`"""
        _, options = arguments_of(arguments)
        room = self.joined(connection, options.get("room"))
        limit = seq_of(options, "limit") or PAGE
        after, before = seq_of(options, "after"), seq_of(options, "before")
        page = await self.relay.read(room, after=after, before=before, limit=min(limit, PAGE))
        page = fitting(page, newest=after is None)
        return {"room": room, "epoch": page.head.epoch, "head": page.head.seq, **answer_of(page)}

    async def typing(self, connection: Connection, *arguments: Any) -> Answer:
        """`{room?, typing}`; told to the room's other clients at once or not at all. A client that hears no
        more of it ends it by itself after a few seconds."""
        _, options = arguments_of(arguments)
        room, typing = self.joined(connection, options.get("room", LOBBY)), options.get("typing")
        if not isinstance(typing, bool):
            raise Refused("invalid", "`typing` is true or false.")
        connection.count_typing()
        await self.sanctions.check_mute(connection.identity, connection.address)
        author = connection.person
        about = {"room": room, "author": {"id": author.id, "name": author.name}, "typing": typing}
        await self.relay.emit_ephemeral("typing", about, room, skip_sid=connection.sid)
        return {}

    async def rooms(self, connection: Connection, *arguments: Any) -> Answer:
        """No arguments. Who the client is, and the person's rooms with how far each has come."""
        identity = connection.identity
        heads = await self.relay.heads(await self.rooms_of_people.of(identity, connection.sid))
        rooms = [{"room": room, "epoch": head.epoch, "head": head.seq} for room, head in heads.items()]
        you = {"id": identity.person.id, "name": identity.person.name}
        return {"you": you | ({"moderator": True} if identity.moderator else {}), "rooms": rooms}

    def joined(self, connection: Connection, room: Any) -> str:
        if not self.relay.joined(connection.sid, check_room(room)):
            raise Refused("not_joined", f"Join the room {room} first.", room=str(room))
        return str(room)
