"""A chat in memory and one client, without a wire: its events are called as the server calls them."""

from types import SimpleNamespace
from typing import Any

from chat.domain.access_code import AccessCode
from chat.domain.audit import Audit
from chat.domain.edits import OwnTime
from chat.domain.entrance import Entrance
from chat.domain.messages import response_of
from chat.domain.moderators import Moderators
from chat.domain.purge import Purge
from chat.domain.rate_limits import MessageRateLimit, WorkerRateLimits
from chat.domain.recent_addresses import RecentAddresses
from chat.domain.room_rules import RoomRules
from chat.domain.rooms_of_people import Rooms
from chat.domain.sanctions import Sanctions
from chat.events.authentication import Authentication
from chat.events.changes import Changes
from chat.events.connections import Connections
from chat.events.events import Events
from chat.events.joined import Joined
from chat.events.marks import MarkEvents
from chat.events.membership import MembershipEvents
from chat.events.moderation import Moderation
from chat.events.reactions import Reactions
from chat.events.registry import Registry
from chat.events.writing import Writing
from chat.files.attaching import Attaching
from chat.http.login_cookie import Logins
from chat.observe.event_metrics import EventMetrics
from chat.people.known_names import KnownNames
from chat.people.login_notes import LoginNotes
from chat.people.logins import KeptLogins
from chat.people.marks import Marks
from chat.people.program_watch import ProgramWatch
from chat.people.programs import Programs
from chat.people.role_watch import RoleWatch
from chat.rooms.access import Access
from chat.rooms.descriptions import Descriptions
from chat.rooms.membership import Membership
from chat.rooms.renewal import Renewal
from relay import Relay, RelayServer
from relay.transport.large_answers import LargeAnswers

MAX_CHARS = 40
UNLIMITED = MessageRateLimit(10**6, 10**6, 10**8, 10**8, 1, rooms_per_day=10**6, rooms_in_all=20)


class Unlimited(WorkerRateLimits):
    """For a client that is refused time and again."""

    def __init__(self) -> None:
        super().__init__(rooms=5, people_per_address=1)

    def _take(self, *_: object) -> bool:
        return True


class Sitting:
    """One chat in memory, its log, and one client whose session needs no wire."""

    def __init__(
        self, limits: WorkerRateLimits | None = None, messages: MessageRateLimit = UNLIMITED
    ) -> None:
        self.relay = Relay.in_memory(response_of)
        self.server = RelayServer(self.relay.manager)
        kept = KeptLogins(self.relay.store, self.relay.records)
        logins = Logins(self.relay.store, kept, "k" * 32, "code")
        moderators, sanctions = Moderators(self.relay.store, "order"), Sanctions(self.relay)
        entrance = Entrance(AccessCode(self.relay.store, "code"), guests=True)
        programs = Programs(self.relay.store, self.relay.records)
        names = KnownNames(self.relay.records)
        self.authentication = Authentication(logins, entrance, moderators, names, programs)
        limits, self.event_metrics = limits or Unlimited(), EventMetrics()
        self.rooms = Rooms(self.relay.store, per_person=5, people_per_address=20)
        self.marks = Marks(self.relay.log, self.relay.store, self.relay.records, 5, 20)
        recent_addresses = RecentAddresses(self.relay.store)
        access = Access(self.relay.records)
        self.connections = Connections(
            self.server,
            self.relay,
            self.authentication,
            sanctions,
            recent_addresses,
            LoginNotes(self.relay.store, self.relay.records, kept, names, 20, members=True),
            ProgramWatch(self.relay, programs),
            RoleWatch(self.relay, self.relay.records),
            limits,
            self.event_metrics,
            access,
        )
        self.registry = Registry(self.server, self.connections, self.event_metrics)
        descriptions = Descriptions(self.relay.records)
        membership = Membership(self.relay, access, rooms_per_person=5)
        joined = Joined(self.relay, access)
        writing = Writing(self.relay, membership, sanctions, recent_addresses, messages, self.registry.strike)
        self.events = Events(
            self.relay,
            self.rooms,
            access,
            membership,
            Renewal(self.relay),
            descriptions,
            self.marks,
            sanctions,
            joined,
            writing,
            Attaching(None),
            MAX_CHARS,
        )
        audit = Audit(self.relay.store)
        self.changes = Changes(self.relay.log, access, joined, writing, audit, OwnTime(10), MAX_CHARS)
        self.reactions = Reactions(self.relay.log, joined, writing)
        self.membership_events = MembershipEvents(self.relay, membership, descriptions, sanctions, messages)
        self.mark_events = MarkEvents(self.relay, self.marks, joined)
        self.moderation = Moderation(
            self.relay,
            sanctions,
            RoomRules(self.relay.log.rules),
            recent_addresses,
            audit,
            Purge(self.relay),
            access,
        )
        self.registry.declare(self.events.table())
        self.registry.declare(self.changes.table())
        self.registry.declare(self.reactions.table())
        self.registry.declare(self.membership_events.table())
        self.registry.declare(self.mark_events.table())
        self.registry.declare(self.moderation.table())

    async def arrive(self) -> None:
        manager: Any = self.relay.manager
        self.server.eio.sockets["wire"] = SimpleNamespace(
            rooms={},
            pause_factor=0,
            put=lambda batch: None,
            large_answers=LargeAnswers(),
            unsent=0,
            upgrading=False,
            closing=False,
            closed=False,
            upgraded=True,
        )
        await manager.pre_connect("wire", "/")
        self.sid = manager.sid_from_eio_sid("wire", "/")
        await manager.connect(self.sid, "/")

    async def begin(self, **auth: str) -> None:
        await self.arrive()
        await self.connections.connect(self.sid, environ(), {"name": "Ana", "code": "code", **auth})
        connection = self.connections.of(self.sid)
        assert connection is not None
        self.identity, self.connection_rooms = connection.identity, connection.rooms

    async def asks(self, event: str, *arguments: Any) -> Any:
        """Return the answer to an event."""
        return await self.server.handlers["/"][event](self.sid, *arguments)

    async def state(self) -> tuple[object, ...]:
        """All that an event of this client might change."""
        heads = await self.relay.log.heads(["lobby", "tea"])
        rules = await self.relay.log.rules.all()
        return (
            heads["lobby"],
            heads["tea"],
            rules,
            await self.rooms.of(self.identity, self.connection_rooms),
            self.mine(),
        )

    def mine(self) -> set[str]:
        return {room for room in ("lobby", "tea") if self.relay.joined(self.sid, room)}


def environ(cookie: str | None = None) -> dict[str, Any]:
    headers = [] if cookie is None else [(b"cookie", cookie.encode("latin-1", "replace"))]
    scope = {"type": "http", "scheme": "http", "client": ("192.0.2.1", 1), "headers": headers}
    return {"asgi.scope": scope}
