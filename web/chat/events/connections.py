"""The connections of one worker: made when a client connects, forgotten when it disconnects."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from time import monotonic
from typing import Any

from relay import LogUnavailable, Member, Relay, RelayServer
from socketio.exceptions import ConnectionRefusedError as ConnectionRefused

from chat.domain.address import address_of
from chat.domain.people import clients_of
from chat.domain.rate_limits import WorkerRateLimits
from chat.domain.recent_addresses import RecentAddresses
from chat.domain.refusals import Refused
from chat.domain.room_names import LOBBY, is_guarded
from chat.domain.sanctions import Sanctions, subjects
from chat.events.answers import UNAVAILABLE
from chat.events.authentication import Authentication
from chat.events.connection import Connection
from chat.events.connection_log import ConnectionLog
from chat.observe.event_metrics import EventMetrics
from chat.people.devices import Device, user_agent
from chat.people.login_notes import FRESH, LoginNotes, Note
from chat.people.program_watch import ProgramWatch
from chat.people.role_watch import RoleWatch
from chat.rooms.access import Access

NOTED_EVERY = 3600.0
"""Seconds between two notes that a client is still here. Far less than a day, the shortest LOGIN_DAYS."""
LOOKED_EVERY = 60.0
"""Seconds between two looks for clients that are to be noted."""


class Connections:
    def __init__(
        self,
        server: RelayServer,
        relay: Relay,
        authentication: Authentication,
        sanctions: Sanctions,
        recent_addresses: RecentAddresses,
        login_notes: LoginNotes,
        program_watch: ProgramWatch,
        role_watch: RoleWatch,
        limits: WorkerRateLimits,
        event_metrics: EventMetrics,
        access: Access,
    ) -> None:
        self._server = server
        self._relay = relay
        self._authentication = authentication
        self._sanctions = sanctions
        self._recent_addresses = recent_addresses
        self._login_notes = login_notes
        self._program_watch = program_watch
        self._role_watch = role_watch
        self._limits = limits
        self._access = access
        self._open: dict[str, Connection] = {}
        for handler in (self.connect, self.disconnect):
            server.on(handler.__name__, event_metrics.counted(handler.__name__, handler))

        relay.guard(is_guarded, self._may_stay)

    def __len__(self) -> int:
        return len(self._open)

    def of(self, sid: str) -> Connection | None:
        """Return the connection of a client; None if it has not been let in, or has disconnected."""
        return self._open.get(sid)

    async def _may_stay(self, room: str, sids: Collection[str]) -> set[str]:
        """Return those of these clients whose people are members of a guarded room."""
        people = {sid: found.person.id for sid in sids if (found := self._open.get(sid))}
        members = await self._access.of_members(room, set(people.values()))
        return {sid for sid, person in people.items() if person in members}

    async def connect(self, sid: str, environ: dict[str, Any], auth: object) -> None:
        """Let a client in, or refuse with a sentence and `{error, detail, retry_after?}` as its data."""
        request, transport = environ.get("HTTP_X_REQUEST_ID"), self._server.transport(sid)
        log = ConnectionLog(self._server.log_name(sid))
        try:
            connection = await self._let_in(sid, environ["asgi.scope"], auth, log)
        except Refused as refused:
            refusal = refused
        except LogUnavailable:
            refusal = UNAVAILABLE
        else:
            log.opened(connection.person.id, transport, request)
            return
        log.refused(refusal.error, request)
        raise ConnectionRefused(refusal.detail, refusal.reason())

    async def disconnect(self, sid: str, reason: str) -> None:
        """A client has gone; the relay takes it out of its rooms."""
        if connection := self._open.pop(sid, None):
            self._program_watch.went(connection.identity)
            self._role_watch.went(connection.identity)
            self._recent_addresses.note(connection.person, connection.address)
            if monotonic() - connection.noted_at > FRESH:
                self._login_notes.note(connection.note)
            connection.log.closed(reason, self._transport(sid))

    async def run(self) -> None:
        """Note again and again whose logins are here, until cancelled."""
        while True:
            await asyncio.sleep(LOOKED_EVERY)
            now = monotonic()
            for connection in self._open.values():
                if now - connection.noted_at > NOTED_EVERY:
                    connection.noted_at = now
                    self._login_notes.note(connection.note)

    def _transport(self, sid: str) -> str | None:
        """Return the client's transport; None if its session ended while it was let in."""
        try:
            return str(self._server.transport(sid))
        except KeyError:
            return None

    async def _let_in(self, sid: str, scope: Any, auth: object, log: ConnectionLog) -> Connection:
        address = address_of(scope.get("client"))
        identity, standing = await self._authentication.authenticate(scope, auth, address)
        note = Note(identity, address, Device.of(user_agent(scope)))
        connection = Connection(sid, note, log, self._limits)
        await self._relay.group(sid, identity.login)
        if identity.lasting:
            await self._relay.group(sid, clients_of(identity.person.id))
        if not identity.moderator:
            for each in subjects(identity.person, address):
                await self._relay.group(sid, each.group)
        with suppress(LogUnavailable):  # a member all the same: what comes is delivered once the log is back
            await self._relay.join(sid, LOBBY, member_of(connection))
        # Last, since who signs out or is banned until now does not find this client connected.
        await self._authentication.confirm(identity)
        with suppress(LogUnavailable):  # who is banned is disconnected once the rules can be read
            await self._sanctions.check_entry(identity, address)
        self._recent_addresses.note(identity.person, address)
        self._login_notes.note_unless_fresh(note, standing)
        self._program_watch.came(identity)
        self._role_watch.came(identity)
        self._open[sid] = connection
        return connection


def member_of(connection: Connection) -> Member:
    """Return whom the others in a room see when this client is there."""
    return Member(connection.person.id, connection.person.name, connection.identity.mark)
