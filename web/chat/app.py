"""The composition root: the one place that knows every part and puts them together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from relay import LogUnavailable, Options, Relay, RelayServer
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from chat import file_sharing, memory_limit
from chat.domain.access_code import AccessCode
from chat.domain.address import address_of
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
from chat.events.archiving import ArchivingEvents
from chat.events.authentication import Authentication
from chat.events.changes import Changes
from chat.events.connections import Connections
from chat.events.directory import DirectoryEvents
from chat.events.events import Events
from chat.events.joined import Joined
from chat.events.marks import MarkEvents
from chat.events.membership import MembershipEvents
from chat.events.moderation import Moderation
from chat.events.reactions import Reactions
from chat.events.registry import Registry
from chat.events.writing import Writing
from chat.files.attaching import Attaching
from chat.http import health, static
from chat.http.callers import Callers
from chat.http.directory import DirectoryPage
from chat.http.export import ExportFile
from chat.http.headers import SecurityHeaders
from chat.http.hosts import AllowedHosts
from chat.http.invitations import InvitationPages
from chat.http.login_cookie import Logins
from chat.http.moderator_sign_in import ModeratorSignIn
from chat.http.new_tickets import NewTickets
from chat.http.pages import Pages
from chat.http.passkeys import PasskeyPages
from chat.http.person_pages import PersonPages
from chat.http.private_invitations import PrivateInvitations
from chat.http.programs import ProgramPages
from chat.http.role_links import RoleLinks
from chat.http.sign_in import SignIn
from chat.http.signed_in import SignedIn
from chat.http.socket_path import AtSocketPath
from chat.http.tickets import TicketPages
from chat.http.you import You
from chat.observe.event_metrics import EventMetrics
from chat.observe.loop_lag import LoopLag
from chat.observe.metrics import Metrics
from chat.observe.requests import Requests
from chat.people.ended_logins import EndedLogins
from chat.people.known_names import KnownNames
from chat.people.login_notes import LoginNotes
from chat.people.logins import KeptLogins
from chat.people.marks import Marks
from chat.people.passkeys import Passkeys
from chat.people.program_watch import ProgramWatch
from chat.people.programs import Programs
from chat.people.role_watch import RoleWatch
from chat.people.roles import Roles
from chat.people.tickets import Tickets
from chat.rooms.access import Access
from chat.rooms.admission import Admission
from chat.rooms.archiving import Archiving
from chat.rooms.descriptions import Descriptions
from chat.rooms.directory import Directory
from chat.rooms.erasure import Erasure, Traces
from chat.rooms.exclusion import Exclusion
from chat.rooms.export import Export
from chat.rooms.file_access import FileAccess
from chat.rooms.invitations import Invitations
from chat.rooms.membership import Membership
from chat.rooms.renewal import Renewal
from chat.settings import PREFIX, Settings


class App(NamedTuple):
    """`asgi` is what is served, `server` the Socket.IO server in it, `connections` its clients, `registry`
    the events that these may send, and `routes` the addresses of all else."""

    asgi: ASGIApp
    server: RelayServer
    connections: Connections
    registry: Registry
    routes: list[BaseRoute]


def build(settings: Settings) -> App:
    """Return the application. Nothing runs before its lifespan starts."""
    options = Options(
        prefix=PREFIX,
        keep=settings.keep_messages,
        replicas=settings.redis_replicas,
        allowed_origins=settings.allowed_origins,
        max_sessions=settings.sessions_per_worker,
        max_sessions_of_address=settings.connections_per_address,
        address_of=address_of,
        ping_interval=settings.ping_interval_seconds,
        ping_timeout=settings.ping_timeout_seconds,
        keep_environ=False,  # what is needed of it is in the client's Connection
        max_buffered_bytes=settings.buffers_per_worker or memory_limit.for_buffers(),
    )
    if settings.redis_url is None:
        relay = Relay.in_memory(response_of, options)
    else:
        relay = Relay.on_redis(settings.redis_url, response_of, options, settings.redis_password_now)
    # Without Redis there is no other worker that clients could be moved to.
    server = RelayServer(relay.manager, drain_seconds=0 if settings.embedded else settings.drain_seconds)
    kept_logins = KeptLogins(relay.store, relay.records, settings.login_days)
    ended_logins = EndedLogins(kept_logins, relay.disconnect_group)
    logins = Logins(relay.store, kept_logins, settings.secret_key, settings.access_code, settings.admin_code)
    names = KnownNames(relay.records, logins.era)
    login_notes = LoginNotes(
        relay.store,
        relay.records,
        kept_logins,
        names,
        settings.people_per_address,
        members=settings.access_code is not None or not settings.guests,
    )
    entrance = Entrance(AccessCode(relay.store, settings.access_code), guests=settings.guests)
    tickets = Tickets(relay.store, relay.records, kept_logins)
    passkeys = Passkeys(relay.store, relay.records, settings.login_days, settings.people_per_address)
    rooms = Rooms(relay.store, settings.rooms_per_person, settings.people_per_address)
    marks = Marks(
        relay.log, relay.store, relay.records, 2 * settings.rooms_per_person, settings.people_per_address
    )
    limit = MessageRateLimit(
        settings.messages_per_second,
        settings.messages_at_once,
        settings.bytes_per_second,
        settings.bytes_at_once,
        settings.people_per_address,
        settings.rooms_per_day,
        settings.rooms_in_all,
    )
    limits = WorkerRateLimits(settings.rooms_per_person, settings.people_per_address)
    event_metrics, lag = EventMetrics(), LoopLag()
    moderators, sanctions = Moderators(relay.store, settings.admin_code), Sanctions(relay)
    audit, recent_addresses = Audit(relay.store), RecentAddresses(relay.store)
    programs = Programs(relay.store, relay.records)
    program_watch, role_watch = ProgramWatch(relay, programs), RoleWatch(relay, relay.records)
    roles = Roles(relay.records, settings.login_days, relay.disconnect_group)
    authentication = Authentication(logins, entrance, moderators, names, programs)
    access = Access(relay.records)
    connections = Connections(
        server,
        relay,
        authentication,
        sanctions,
        recent_addresses,
        login_notes,
        program_watch,
        role_watch,
        limits,
        event_metrics,
        access,
    )
    files = None
    if settings.has_files:
        callers = Callers(logins, programs, entrance)
        file_access = FileAccess(relay.log.rules, access, sanctions)
        files = file_sharing.build(settings, relay, callers, file_access)
    attaching = Attaching(files and files.attachments)
    descriptions = Descriptions(relay.records)
    membership = Membership(relay, access, settings.rooms_per_person, attaching)
    registry = Registry(server, connections, event_metrics)
    renewal, joined = Renewal(relay), Joined(relay, access)
    writing = Writing(relay, membership, sanctions, recent_addresses, limit, registry.strike)
    events = Events(
        relay,
        rooms,
        access,
        membership,
        renewal,
        descriptions,
        marks,
        sanctions,
        joined,
        writing,
        attaching,
        settings.message_max_chars,
    )
    own_time = OwnTime(settings.edit_minutes)
    changes = Changes(
        relay.log, access, joined, writing, audit, own_time, settings.message_max_chars, attaching
    )
    moderation = Moderation(
        relay,
        sanctions,
        RoomRules(relay.log.rules),
        recent_addresses,
        audit,
        Purge(relay, attaching),
        access,
    )
    registry.declare(events.table())
    registry.declare(changes.table())
    registry.declare(Reactions(relay.log, joined, writing).table())
    registry.declare(MembershipEvents(relay, membership, descriptions, sanctions, limit).table())
    registry.declare(MarkEvents(relay, marks, joined).table())
    registry.declare(moderation.table())
    directory = Directory(relay.log, relay.records)
    registry.declare(DirectoryEvents(relay.log, directory).table())
    archiving = Archiving(relay.records, access)
    registry.declare(ArchivingEvents(relay, archiving, access, descriptions, sanctions, audit).table())
    invitations = Invitations(relay.records, tickets, access)
    export = Export(relay.log, access, rooms, descriptions, marks, kept_logins, passkeys)
    exclusion = Exclusion(relay, sanctions, membership)
    traces = Traces(relay, names, tickets, programs, sanctions, audit, recent_addresses, rooms)
    erasure = Erasure(relay, exclusion, membership, traces)
    role_links = RoleLinks(logins, tickets, roles, names, audit)
    private_invitations = PrivateInvitations(logins, tickets, Admission(membership), names, sanctions)
    static_version = static.version()
    pages = Pages(
        static_version,
        settings.message_max_chars,
        settings.edit_minutes,
        logins,
        entrance,
        moderators,
        settings.provider,
        has_files=settings.has_files,
    )
    sign_on = None
    if settings.oidc_issuer is not None:
        # Its libraries take 12 MB and 0.15 s, of which nobody else has a use.
        from chat import single_sign_on

        sign_on = single_sign_on.build(settings, relay, logins, ended_logins, roles, names, audit, pages)
    signed_in = SignedIn(logins, pages)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await server.start()
        await logins.prepare()
        running = [
            asyncio.create_task(run)
            for run in (
                lag.run(),
                recent_addresses.run(),
                login_notes.run(),
                program_watch.run(),
                role_watch.run(),
                connections.run(),
                moderation.enforce(),
                renewal.run(),
                erasure.run(),
                *([files.run()] if files is not None else []),
            )
        ]
        yield
        for task in running:
            task.cancel()
        if files is not None:
            files.close()
        if sign_on is not None:
            await sign_on.close()
        await server.stop()

    routes: list[BaseRoute] = [
        *pages.routes,
        *SignIn(relay, logins, entrance, names, sanctions, pages, sign_on and sign_on.leave).routes,
        *(sign_on.routes if sign_on is not None else []),
        *ModeratorSignIn(logins, moderators, entrance, names, audit, pages).routes,
        *You(logins, kept_logins, ended_logins, passkeys, pages).routes,
        *ExportFile(signed_in, logins, export, relay.store, pages).routes,
        *PasskeyPages(relay, logins, entrance, passkeys, pages).routes,
        *TicketPages(relay, logins, tickets, private_invitations, role_links, names, pages).routes,
        *PersonPages(
            signed_in, roles, exclusion, erasure, ended_logins, passkeys, names, audit, pages
        ).routes,
        *NewTickets(roles, logins, tickets, audit, pages).routes,
        *ProgramPages(relay, signed_in, programs, names, audit, pages).routes,
        *InvitationPages(signed_in, invitations, sanctions, audit, pages).routes,
        *DirectoryPage(logins, directory, pages).routes,
        *(files.routes if files is not None else []),
        *health.routes(relay, server),
        Mount(
            "/static/{version}", static.VersionedFiles(static.FOLDER, static_version, not settings.embedded)
        ),
    ]
    if settings.embedded:
        routes += [
            Route("/service-worker.js", static.service_worker),
            Mount("/socket.io", static.UnversionedFiles(directory=settings.client_bundle)),
        ]
    else:  # nginx keeps them inside
        routes += Metrics(server, relay, event_metrics, lag, settings.web_replicas, settings.node_name).routes
    site = Starlette(
        routes=routes,
        exception_handlers={HTTPException: pages.refused, LogUnavailable: pages.unavailable},
        lifespan=lifespan,
    )
    # A redirect from a path with a slash at its end would name whatever host the request named.
    site.router.redirect_slashes = False
    # Beside the pages, and not as a route of theirs: Starlette's router and its two middlewares, which a
    # session has no use for, are 4 % of what a connect costs.
    asgi: ASGIApp = AtSocketPath(server, site)
    asgi = AllowedHosts(asgi, settings.allowed_hosts)
    if settings.embedded:
        asgi = SecurityHeaders(asgi)
    return App(Requests(asgi, logged=settings.embedded), server, connections, registry, routes)
