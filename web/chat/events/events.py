"""The Socket.IO events: from the wire to the objects that know what they mean, and back."""

from contextlib import suppress
from typing import Any

from relay import (
    Denied,
    Limited,
    LogCreation,
    LogUnavailable,
    Member,
    Post,
    Relay,
    RelayServer,
    TooManyLogs,
)
from socketio.exceptions import ConnectionRefusedError as ConnectionRefused

from chat.domain.address import address_of
from chat.domain.identity import Identity
from chat.domain.limits import MessageLimit, WorkerLimits
from chat.domain.messages import Draft, fitting
from chat.domain.people import Person
from chat.domain.recent_addresses import Whereabouts
from chat.domain.refusals import Refused
from chat.domain.rooms import LOBBY, Rooms, check_room
from chat.domain.sanctions import Sanctions, subjects
from chat.events.admission import Admission
from chat.events.answers import UNAVAILABLE, Answer, answer_of, people_of
from chat.events.arguments import arguments_of, seq_of
from chat.events.connection import Visit
from chat.events.registry import Registry
from chat.observe.event_metrics import Tally

PAGE = 200  # messages that one answer holds at most


class Events:
    """The handlers of one server."""

    def __init__(
        self,
        server: RelayServer,
        relay: Relay,
        admission: Admission,
        rooms: Rooms,
        sanctions: Sanctions,
        whereabouts: Whereabouts,
        message_max_chars: int,
        limit: MessageLimit,
        limits: WorkerLimits,
        registry: Registry,
        tally: Tally,
    ) -> None:
        self.server = server
        self.relay = relay
        self.admission = admission
        self.rooms_of_people = rooms
        self.sanctions = sanctions
        self.whereabouts = whereabouts
        self.message_max_chars = message_max_chars
        self.limit = limit
        self.limits = limits
        self.registry = registry
        for handler in (self.connect, self.disconnect):
            server.on(handler.__name__, tally.counted(handler.__name__, handler))
        for apart in (self.message, self.typing):
            registry.declare(apart.__name__, apart, counted_apart=True)
        registry.declare("leave", self.leave)
        for large in (self.join, self.history, self.rooms):
            registry.declare(large.__name__, large, large=True)

    async def connect(self, sid: str, environ: dict[str, Any], auth: object) -> None:
        """Let a client in, or refuse with a sentence and `{error, detail, retry_after?}` as its data."""
        client, request = environ["asgi.scope"].get("client"), environ.get("HTTP_X_REQUEST_ID")
        transport = self.server.transport(sid)
        visit = Visit(self.server.log_name(sid), address_of(client))
        try:
            identity = await self.admission.admit(environ["asgi.scope"], auth, visit.address)
            await self.server.save_session(sid, {"identity": identity, "visit": visit})
            await self.relay.group(sid, identity.session)
            if not identity.moderator:
                for each in subjects(identity.person, visit.address):
                    await self.relay.group(sid, each.group)
            with suppress(LogUnavailable):  # a member all the same: what comes is told once the log is back
                await self.relay.join(sid, LOBBY, member_of(identity.person))
            # Last, since who signs out or is banned until now does not find this client connected.
            await self.admission.confirm(identity)
            with suppress(LogUnavailable):  # who is banned is put out once the rules can be read
                await self.sanctions.check_entry(identity, visit.address)
            self.whereabouts.note(identity.person, visit.address)
            visit.opened(identity.person.id, transport, request)
        except Refused as refusal:
            visit.refused(refusal.error, request)
            raise ConnectionRefused(refusal.detail, refusal.reason()) from None
        except LogUnavailable:
            visit.refused(UNAVAILABLE.error, request)
            raise ConnectionRefused(UNAVAILABLE.detail, UNAVAILABLE.reason()) from None

    async def disconnect(self, sid: str, reason: str) -> None:
        """A client has gone; the relay takes it out of its rooms."""
        session = await self.server.get_session(sid)
        if "visit" in session:
            self.rooms_of_people.gone(sid)
            self.whereabouts.note(session["identity"].person, session["visit"].address)
            session["visit"].closed(reason, self.server.transport(sid))

    async def message(self, sid: str, *arguments: Any) -> Answer:
        """`text[, {room?, id?}]`"""
        text, options = arguments_of(arguments, text=True)
        session = await self.server.get_session(sid)
        identity, visit = session["identity"], session["visit"]
        author = identity.person
        draft = Draft.compose(author, text, options.get("id"), self.message_max_chars, identity.moderator)
        room = self.joined(sid, options.get("room", LOBBY))
        data = draft.data()
        post = Post(
            draft.id,
            data,
            fingerprint=draft.text.encode(),
            # Who has no cookie is somebody new after a reconnect, and tries again from where they were.
            author=author.id if identity.lasting else f"at:{visit.address}",
            preconditions=self.sanctions.preconditions(identity, visit.address, room),
            rates=self.limit.buckets(author.id, visit.address, len(data)),
            creation=LogCreation() if room == LOBBY else self.limit.creation(visit.address),
        )
        try:
            kept = await self.relay.append(room, post)
        except Denied as denied:
            raise self.sanctions.refusal(denied) from None
        except Limited as limited:
            raise self.limit.refusal(limited) from None
        except TooManyLogs:
            raise self.limit.no_more_rooms() from None
        if visit.stays():
            self.whereabouts.note(author, visit.address)
        if kept.duplicate:
            await self.registry.strike(sid)
        return {"id": draft.id, "room": room, "seq": kept.seq, "at": kept.at, "epoch": kept.epoch}

    async def join(self, sid: str, *arguments: Any) -> Answer:
        """`{room, after?, epoch?}`"""
        _, options = arguments_of(arguments)
        room = check_room(options.get("room"))
        after, epoch = seq_of(options, "after"), options.get("epoch")
        if not isinstance(epoch, str | None):
            raise Refused("invalid", "`epoch` is the text that an earlier answer gave.")
        identity = await self.identity(sid)
        if not self.relay.joined(sid, room):
            address = (await self.server.get_session(sid))["visit"].address
            await self.rooms_of_people.enter(identity, sid, address, room)
        await self.relay.join(sid, room, member_of(identity.person))
        page, reset = await self.relay.resume(room, after=after, epoch=epoch, limit=PAGE)
        page = fitting(page, newest=after is None or reset)
        answer = {"room": room, "epoch": page.head.epoch, "head": page.head.seq, **answer_of(page)}
        answer |= {"reset": True} if reset else {}
        address = (await self.server.get_session(sid))["visit"].address
        answer["rules"] = await self.sanctions.of_room(room, identity, address)
        return answer | {"people": people_of(self.relay.people(room))}  # last: see Relay.people

    async def leave(self, sid: str, *arguments: Any) -> Answer:
        """`{room}`"""
        _, options = arguments_of(arguments)
        room = check_room(options.get("room"))
        await self.relay.leave(sid, room)
        await self.rooms_of_people.leave(await self.identity(sid), sid, room)
        return {}

    async def history(self, sid: str, *arguments: Any) -> Answer:
        """`{room, before?, after?, limit?}`"""
        _, options = arguments_of(arguments)
        room = self.joined(sid, options.get("room"))
        limit = seq_of(options, "limit") or PAGE
        after, before = seq_of(options, "after"), seq_of(options, "before")
        page = await self.relay.read(room, after=after, before=before, limit=min(limit, PAGE))
        page = fitting(page, newest=after is None)
        return {"room": room, "epoch": page.head.epoch, "head": page.head.seq, **answer_of(page)}

    async def typing(self, sid: str, *arguments: Any) -> Answer:
        """`{room?, typing}`; told to the room's other clients at once or not at all. A client that hears no
        more of it ends it by itself after a few seconds."""
        _, options = arguments_of(arguments)
        room, typing = self.joined(sid, options.get("room", LOBBY)), options.get("typing")
        if not isinstance(typing, bool):
            raise Refused("invalid", "`typing` is true or false.")
        session = await self.server.get_session(sid)
        author = session["identity"].person
        self.limits.type(author.id, session["visit"].address)
        await self.sanctions.check_mute(session["identity"], session["visit"].address)
        about = {"room": room, "author": {"id": author.id, "name": author.name}, "typing": typing}
        await self.relay.emit_ephemeral("typing", about, room, skip_sid=sid)
        return {}

    async def rooms(self, sid: str, *arguments: Any) -> Answer:
        """No arguments. Who the client is, and the person's rooms with how far each has come."""
        identity = await self.identity(sid)
        heads = await self.relay.heads(await self.rooms_of_people.of(identity, sid))
        rooms = [{"room": room, "epoch": head.epoch, "head": head.seq} for room, head in heads.items()]
        you = {"id": identity.person.id, "name": identity.person.name}
        return {"you": you | ({"moderator": True} if identity.moderator else {}), "rooms": rooms}

    async def identity(self, sid: str) -> Identity:
        identity: Identity = (await self.server.get_session(sid))["identity"]
        return identity

    def joined(self, sid: str, room: Any) -> str:
        if not self.relay.joined(sid, check_room(room)):
            raise Refused("not_joined", f"Join the room {room} first.", room=str(room))
        return str(room)


def member_of(person: Person) -> Member:
    return Member(person.id, person.name)
