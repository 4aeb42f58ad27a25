"""Whatever JSON a handler is given: one of the documented answers, and nothing else changes."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest
from chat.domain.access_code import Access
from chat.domain.audit import Audit
from chat.domain.known_names import KnownNames
from chat.domain.limits import MessageLimit, WorkerLimits
from chat.domain.messages import response_of
from chat.domain.moderators import Moderators
from chat.domain.purge import Purge
from chat.domain.recent_addresses import Whereabouts
from chat.domain.rooms import Rooms
from chat.domain.sanctions import Sanctions
from chat.events.admission import Admission
from chat.events.connections import Connections
from chat.events.events import Events
from chat.events.moderation import Moderation
from chat.events.registry import Registry
from chat.http.login_cookie import Identities
from chat.observe.event_metrics import Tally
from hypothesis import given, settings
from hypothesis import strategies as st
from relay import Relay, RelayServer
from relay.transport.backpressure import Reading
from socketio.exceptions import ConnectionRefusedError as ConnectionRefused

from tests.unit.anything import COOKIES, JSON, SCALARS, TEXTS

ERRORS = {
    "empty",
    "too_long",
    "invalid",
    "not_joined",
    "no_such_room",
    "rate_limited",
    "unavailable",
    "limit",
}
REFUSALS = ERRORS | {"code_needed", "wrong_code", "signed_out"}
EVENTS = ("message", "join", "leave", "history", "typing", "rooms")
MODERATING = ("delete", "purge", "mute", "ban", "lift", "lock", "slow", "sanctions", "audit")
MAX_CHARS = 40

LOBBY: st.SearchStrategy[Any] = st.just("lobby")
# Mostly right, so that much of it gets past the first check.
OPTIONS = st.fixed_dictionaries(
    {"room": st.sampled_from([True, True, True, False]).flatmap(lambda usual: LOBBY if usual else SCALARS)},
    optional=dict.fromkeys(("after", "before", "limit", "epoch", "typing", "id"), SCALARS),
)
# Whom or what a moderator means, mostly right again.
ORDERS = st.fixed_dictionaries(
    {},
    optional={
        "room": LOBBY | SCALARS,
        "kind": st.just("ban") | SCALARS,
        "person": st.just("somebody") | SCALARS,
        "address": st.sampled_from(["192.0.2.7", "2001:db8::/64"]) | SCALARS,
        "locked": st.booleans() | SCALARS,
        "addresses": st.booleans() | SCALARS,
        **dict.fromkeys(("seq", "seconds", "before", "id", "name"), SCALARS),
    },
)
KINDS: list[st.SearchStrategy[Any]] = [
    st.lists(JSON, max_size=3),
    OPTIONS.map(lambda options: [options]),
    st.tuples(TEXTS, OPTIONS).map(list),
]
ARGUMENTS = st.sampled_from(KINDS).flatmap(lambda kind: kind)


UNLIMITED = MessageLimit(10**6, 10**6, 10**8, 10**8, 1, rooms_per_day=10**6, rooms_in_all=20)


class Unlimited(WorkerLimits):
    """For a client that is refused time and again."""

    def __init__(self) -> None:
        super().__init__(rooms=5, people_per_address=1)

    def _take(self, *_: object) -> bool:
        return True


class Sitting:
    """One chat in memory, its log, and one client whose session needs no wire."""

    def __init__(self) -> None:
        self.relay = Relay.in_memory(response_of)
        self.server = RelayServer(self.relay.manager)
        identities = Identities(self.relay.store, "k" * 32, "code")
        moderators, sanctions = Moderators(self.relay.store, "order"), Sanctions(self.relay)
        self.admission = Admission(
            identities, Access(self.relay.store, "code"), moderators, KnownNames(self.relay.store)
        )
        limits, self.tally = Unlimited(), Tally()
        self.rooms = Rooms(self.relay.store, per_person=5, people_per_address=20)
        whereabouts = Whereabouts(self.relay.store)
        self.connections = Connections(
            self.server,
            self.relay,
            self.admission,
            self.rooms,
            sanctions,
            whereabouts,
            limits,
            self.tally,
        )
        registry = Registry(self.server, self.connections, self.tally)
        self.events = Events(self.relay, self.rooms, sanctions, whereabouts, MAX_CHARS, UNLIMITED, registry)
        self.moderation = Moderation(
            self.events, moderators, sanctions, Audit(self.relay.store), Purge(self.relay)
        )

    async def arrive(self) -> None:
        manager: Any = self.relay.manager
        self.server.eio.sockets["wire"] = SimpleNamespace(
            rooms={},
            put=lambda batch: None,
            reading=Reading(),
            unsent=0,
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
        self.identity = connection.identity

    async def answers(self, event: str, arguments: list[Any]) -> None:
        """An event: with `ok`, or a documented error and nothing changed."""
        before = await self.state()
        answer = await self.server.handlers["/"][event](self.sid, *arguments)
        json.dumps(answer).encode()
        if answer["ok"] is not True:
            assert answer["error"] in ERRORS
            assert answer["detail"].endswith(".")
            assert await self.state() == before

    async def state(self) -> tuple[object, ...]:
        """All that an event of this client might change."""
        heads = await self.relay.heads(["lobby", "tea"])
        rules = await self.relay.rules.all()
        return heads["lobby"], heads["tea"], rules, await self.rooms.of(self.identity, self.sid), self.mine()

    def mine(self) -> set[str]:
        return {room for room in ("lobby", "tea") if self.relay.joined(self.sid, room)}


def environ(cookie: str | None = None) -> dict[str, Any]:
    headers = [] if cookie is None else [(b"cookie", cookie.encode("latin-1", "replace"))]
    scope = {"type": "http", "scheme": "http", "client": ("192.0.2.1", 1), "headers": headers}
    return {"asgi.scope": scope}


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_with_any_arguments_is_answered(event: str) -> None:
    """With `ok`, or with a documented error, a sentence and nothing changed; the answer is JSON that can be
    sent. What is refused is not kept."""
    with asyncio.Runner() as runner:
        sitting = Sitting()
        runner.run(sitting.begin())

        @settings(max_examples=100)
        @given(ARGUMENTS)
        def answered(arguments: list[Any]) -> None:
            runner.run(sitting.answers(event, arguments))

        answered()


@pytest.mark.parametrize("event", MODERATING)
def test_a_moderators_event_with_any_arguments_is_answered(event: str) -> None:
    """Likewise."""
    with asyncio.Runner() as runner:
        sitting = Sitting()
        runner.run(sitting.begin(admin="order"))

        @settings(max_examples=100)
        @given(st.lists(JSON, max_size=2) | ORDERS.map(lambda options: [options]))
        def answered(arguments: list[Any]) -> None:
            runner.run(sitting.answers(event, arguments))

        answered()


@pytest.mark.parametrize("event", EVENTS + MODERATING)
async def test_every_event_is_counted(event: str) -> None:
    """By its name, its outcome, and how long it took."""
    sitting = Sitting()
    await sitting.begin(admin="order")
    await sitting.server.handlers["/"][event](sitting.sid, [])
    [outcome] = [outcome for counted, outcome in sitting.tally.outcomes if counted == event]
    assert outcome in ERRORS | {"ok"}
    assert sum(sitting.tally.seconds[event].counts) == 1


def test_a_connect_with_any_auth_is_let_in_or_refused() -> None:
    """With a documented code; without the access code nobody is let in."""
    with asyncio.Runner() as runner:

        @settings(max_examples=60)
        @given(JSON, st.none() | COOKIES)
        def admitted(auth: Any, cookie: str | None) -> None:
            sitting = Sitting()
            runner.run(sitting.arrive())
            with pytest.raises(ConnectionRefused) as refusal:
                runner.run(sitting.connections.connect(sitting.sid, environ(cookie), auth))
            assert refusal.value.error_args["data"]["error"] in REFUSALS

        admitted()
