"""Whatever JSON a handler is given, and whatever text a parser: one of the documented answers, and nothing
else changes."""

import asyncio
import contextlib
import json
import string
from types import SimpleNamespace
from typing import Any

import pytest
from chat.access import Access
from chat.admission import Admission
from chat.audit import Audit
from chat.events import Events
from chat.identity import Identities, Identity
from chat.limits import Allowances, MessageLimit
from chat.messages import ID, Draft, check_id, check_text, message_of, response_of
from chat.moderation import Moderation
from chat.moderators import Moderators
from chat.people import Person, check_name
from chat.refusals import Refused
from chat.rooms import NAME, Rooms, check_room
from chat.sanctions import Sanctions
from chat.settings import Settings, SettingsError
from chat.sign_in import safe_next
from chat.tally import Tally
from chat.whereabouts import Whereabouts
from hypothesis import given, settings
from hypothesis import strategies as st
from relay import Entry, Relay, RelayServer
from relay.packets import BadInput, parse, split_payload
from socketio.exceptions import ConnectionRefusedError as ConnectionRefused

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
MODERATING = ("delete", "mute", "ban", "lift", "lock", "slow", "sanctions", "audit")
MAX_CHARS = 40

# Everything that json.loads can return: lone surrogates, infinities and integers of any size included.
TEXTS = st.text(st.characters(codec=None), max_size=50) | st.text(
    "\ud800\udfff\u202e\x00\u200d /.<", max_size=6
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**53, 2**63, -(2**64), 10**99])
    | st.floats()
    | TEXTS
    | st.sampled_from(["lobby", "tea", "tea\n", "../etc", "Tea", "a" * 33])
)
KEYS = st.sampled_from(["room", "id", "after", "before", "limit", "epoch", "typing", "name", "code"]) | TEXTS
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=6,
)
# A header's bytes are one character each.
COOKIES = st.binary(max_size=80).map(lambda data: f"tertulia={data.decode('latin-1')}") | st.from_regex(
    r"(a=b; )?tertulia=[A-Za-z0-9_.-]{0,80}", fullmatch=True
)
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


UNLIMITED = MessageLimit(per_second=10**6, at_once=10**6, people_per_address=1)


class Sitting:
    """One chat in memory, its log, and one client whose session needs no wire."""

    def __init__(self) -> None:
        self.relay = Relay.in_memory(response_of)
        self.server = RelayServer(self.relay.manager)
        identities = Identities(self.relay.store, "k" * 32, "code")
        moderators, sanctions = Moderators(self.relay.store, "order"), Sanctions(self.relay)
        self.admission = Admission(identities, Access(self.relay.store, "code"), moderators)
        self.rooms = Rooms(self.relay.store, per_person=5, in_all=20)
        self.events = Events(
            self.server,
            self.relay,
            self.admission,
            self.rooms,
            sanctions,
            Whereabouts(self.relay.store),
            MAX_CHARS,
            UNLIMITED,
            Tally(),
        )
        self.moderation = Moderation(self.events, moderators, sanctions, Audit(self.relay.store))

    async def arrive(self) -> None:
        manager: Any = self.relay.manager
        self.server.eio.sockets["wire"] = SimpleNamespace(
            rooms={}, put=lambda batch: None, closing=False, closed=False, upgraded=True, session={}
        )
        await manager.pre_connect("wire", "/")
        self.sid = manager.sid_from_eio_sid("wire", "/")
        await manager.connect(self.sid, "/")

    async def begin(self, **auth: str) -> None:
        await self.arrive()
        await self.events.connect(self.sid, environ(), {"name": "Ana", "code": "code", **auth})
        self.identity: Identity = await self.events.identity(self.sid)

    async def rest(self) -> None:
        """As if the client had waited: what is refused time and again is answered differently."""
        (await self.server.get_session(self.sid))["visit"].allowances = Allowances(rooms=5)

    async def state(self) -> tuple[object, ...]:
        """All that an event of this client might change."""
        heads = await self.relay.heads(["lobby", "tea"])
        rules = await self.relay.rules.all()
        return heads["lobby"], heads["tea"], rules, await self.rooms.of(self.identity), self.mine()

    def mine(self) -> set[str]:
        return {room for room in ("lobby", "tea") if self.relay.joined(self.sid, room)}


def environ(cookie: str | None = None) -> dict[str, Any]:
    found = {"asgi.scope": {"client": ("192.0.2.1", 1)}}
    return found if cookie is None else found | {"HTTP_COOKIE": cookie}


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
            async def ask() -> None:
                await sitting.rest()
                before = await sitting.state()
                answer = await getattr(sitting.events, event)(sitting.sid, *arguments)
                json.dumps(answer).encode()
                if answer["ok"] is True:
                    return
                assert answer["error"] in ERRORS
                assert answer["detail"].endswith(".")
                assert await sitting.state() == before

            runner.run(ask())

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
            async def ask() -> None:
                await sitting.rest()
                before = await sitting.state()
                answer = await getattr(sitting.moderation, f"on_{event}")(sitting.sid, *arguments)
                json.dumps(answer).encode()
                if answer["ok"] is True:
                    return
                assert answer["error"] in ERRORS
                assert answer["detail"].endswith(".")
                assert await sitting.state() == before

            runner.run(ask())

        answered()


def test_a_connect_with_any_auth_is_let_in_or_refused() -> None:
    """With a documented code; without the access code nobody is let in."""
    with asyncio.Runner() as runner:

        @settings(max_examples=60)
        @given(JSON, st.none() | COOKIES)
        def admitted(auth: Any, cookie: str | None) -> None:
            sitting = Sitting()
            runner.run(sitting.arrive())
            with pytest.raises(ConnectionRefused) as refusal:
                runner.run(sitting.events.connect(sitting.sid, environ(cookie), auth))
            assert refusal.value.error_args["data"]["error"] in REFUSALS

        admitted()


@given(COOKIES)
@settings(max_examples=60)
def test_a_cookie_that_we_did_not_sign_is_nobodys(cookies: str) -> None:
    """Whatever it is."""
    sitting = Relay.in_memory(response_of)
    assert asyncio.run(Identities(sitting.store, "k" * 32, None).read(cookies)) is None


@given(JSON)
def test_a_name_is_shown_or_refused(name: Any) -> None:
    """One that is taken is short, can be sent, and is taken again as it is."""
    with contextlib.suppress(Refused):
        taken = check_name(name)
        assert 0 < len(taken) <= 40
        assert taken.encode()
        assert check_name(taken) == taken


@given(JSON | st.from_regex(NAME))
def test_a_rooms_name_is_one_of_the_contract_or_refused(room: Any) -> None:
    """No key of Redis and no path can be made with it."""
    with contextlib.suppress(Refused):
        assert check_room(room) == room
        assert room.isascii()
        assert set(room) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


@given(JSON | st.from_regex(ID))
def test_a_messages_id_is_one_of_the_contract_or_refused(id: Any) -> None:
    """Nothing in it has a meaning to anybody."""
    with contextlib.suppress(Refused):
        assert set(check_id(id)) <= set(string.ascii_letters + string.digits + "-_")


@given(JSON)
def test_a_text_that_is_taken_can_be_kept_and_shown_again(text: Any) -> None:
    """As it was."""
    with contextlib.suppress(Refused):
        check_text(text, MAX_CHARS)
        draft = Draft.compose(Person("1", "Ana"), text, None, MAX_CHARS)
        entry = Entry(room="lobby", epoch="x", seq=1, at=1, id=draft.id, data=draft.data())
        assert message_of(entry)["text"] == text


@given(
    st.dictionaries(
        st.sampled_from([name.upper() for name in Settings.__dataclass_fields__] + ["REDIS_PASSWORD_FILE"]),
        st.text(st.characters(codec=None), max_size=30)
        | st.sampled_from(["0", "-1", "²", "1e9", "redis://[", "*"]),
        max_size=4,
    )
)
def test_settings_are_read_or_refused_by_name(environ: dict[str, str]) -> None:
    """Each line names a variable that was set."""
    try:
        Settings.read(environ | {"CLIENT_BUNDLE": "/"})
    except SettingsError as error:
        for line in str(error).splitlines():
            if ": " in line:
                assert line.split(":")[0].isupper() or "Example" in line


@given(st.text(max_size=60))
def test_nobody_is_sent_on_to_another_site(address: str) -> None:
    """After signing in."""
    assert safe_next(address).startswith("/")
    assert not safe_next(address).startswith(("//", "/\\"))


@given(st.lists(JSON, max_size=2), st.integers(0, 10**120), st.sampled_from(["", "/,", "/x,", "/?a,"]))
def test_a_packet_of_any_json_is_parsed_as_json_has_it_or_refused(
    arguments: list[Any], number: int, namespace: str
) -> None:
    """The name and the arguments are exactly those that were sent."""
    with contextlib.suppress(BadInput):
        parsed = parse(f"2{namespace}{number}" + json.dumps(["message", *arguments]))
        assert json.dumps(parsed.data) == json.dumps(["message", *arguments])


@given(st.lists(st.sampled_from(["3", "40", "41", '42["message","x"]']), min_size=1, max_size=70))
def test_a_payload_of_valid_packets_is_split_as_it_was_joined(frames: list[str]) -> None:
    """Or refused whole, when there are more than a POST may hold."""
    body = "\x1e".join(frames).encode()
    if len(frames) > 64:
        with pytest.raises(BadInput):
            split_payload(body)
    else:
        assert [packet.encode() for packet in split_payload(body)] == frames


@pytest.mark.parametrize("depth", [100, 1000, 10_000, 60_000])
@pytest.mark.parametrize("brackets", ["[]", '{"a":}'])
def test_json_of_any_depth_is_parsed_or_refused(depth: int, brackets: str) -> None:
    """The stack does not overflow."""
    opening, closing = brackets[:-1], brackets[-1]
    with contextlib.suppress(BadInput):
        parse(f'2["message",{opening * depth}1{closing * depth}]')
