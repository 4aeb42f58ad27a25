"""Whatever JSON or bytes a handler is given: one of the documented answers, and nothing else changes."""

import asyncio
import json
from typing import Any

import pytest
from chat.events.event import Event
from hypothesis import given, settings
from hypothesis import strategies as st
from socketio.exceptions import ConnectionRefusedError as ConnectionRefused

from tests.unit.anything import COOKIES, JSON, SENT, SENT_SCALARS, TEXTS
from tests.unit.chat.events.sitting import Sitting, environ

ERRORS = {
    "empty",
    "too_long",
    "invalid",
    "not_joined",
    "no_such_room",
    "rate_limited",
    "unavailable",
    "limit",
    "forbidden",
}
REFUSALS = ERRORS | {"code_needed", "wrong_code", "signed_out"}
EVENTS = [
    *Sitting().events.table(),
    *Sitting().changes.table(),
    *Sitting().reactions.table(),
    *Sitting().membership_events.table(),
    *Sitting().mark_events.table(),
]
MODERATING = Sitting().moderation.table()

LOBBY: st.SearchStrategy[Any] = st.just("lobby")
# Mostly right, so that much of it gets past the first check.
OPTIONS = st.fixed_dictionaries(
    {
        "room": st.sampled_from([True, True, True, False]).flatmap(
            lambda usual: LOBBY if usual else SENT_SCALARS
        )
    },
    optional=dict.fromkeys(
        (
            "after",
            "before",
            "limit",
            "epoch",
            "typing",
            "id",
            "seq",
            "level",
            "person",
            "title",
            "topic",
            "on",
            "text",
        ),
        SENT_SCALARS,
    )
    | {
        "kind": st.sampled_from(["private", "direct"]) | SENT_SCALARS,
        "emoji": st.just("👍") | SENT_SCALARS,
        "people": SENT,
        "reply": SENT,
        "here": SENT_SCALARS,
        "mentions": SENT,
    },
)
# Whom or what a moderator means, mostly right again.
ORDERS = st.fixed_dictionaries(
    {},
    optional={
        "room": LOBBY | SENT_SCALARS,
        "kind": st.just("ban") | SENT_SCALARS,
        "person": st.just("somebody") | SENT_SCALARS,
        "address": st.sampled_from(["192.0.2.7", "2001:db8::/64"]) | SENT_SCALARS,
        "locked": st.booleans() | SENT_SCALARS,
        "addresses": st.booleans() | SENT_SCALARS,
        **dict.fromkeys(("seq", "seconds", "before", "id", "name"), SENT_SCALARS),
    },
)
KINDS: list[st.SearchStrategy[Any]] = [
    st.lists(SENT, max_size=3),
    OPTIONS.map(lambda options: [options]),
    st.tuples(TEXTS, OPTIONS).map(list),
]
ARGUMENTS = st.sampled_from(KINDS).flatmap(lambda kind: kind)


async def answers(sitting: Sitting, event: Event, arguments: list[Any]) -> None:
    """An event: with `ok`, or a documented error and nothing changed."""
    before = await sitting.state()
    answer = await sitting.asks(event.name, *arguments)
    json.dumps(answer).encode()
    if answer["ok"] is not True:
        assert answer["error"] in ERRORS
        assert answer["detail"].endswith(".")
        assert await sitting.state() == before


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_an_event_with_any_arguments_is_answered(event: Event) -> None:
    """With `ok`, or with a documented error, a sentence and nothing changed; the answer is JSON that can be
    sent. What is refused is not kept."""
    with asyncio.Runner() as runner:
        sitting = Sitting()
        runner.run(sitting.begin())

        @settings(max_examples=100)
        @given(ARGUMENTS)
        def answered(arguments: list[Any]) -> None:
            runner.run(answers(sitting, event, arguments))

        answered()


@pytest.mark.parametrize("event", MODERATING, ids=lambda event: event.name)
def test_a_moderators_event_with_any_arguments_is_answered(event: Event) -> None:
    """Likewise."""
    with asyncio.Runner() as runner:
        sitting = Sitting()
        runner.run(sitting.begin(admin="order"))

        @settings(max_examples=100)
        @given(st.lists(SENT, max_size=2) | ORDERS.map(lambda options: [options]))
        def answered(arguments: list[Any]) -> None:
            runner.run(answers(sitting, event, arguments))

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
                runner.run(sitting.connections.connect(sitting.sid, environ(cookie), auth))
            assert refusal.value.error_args["data"]["error"] in REFUSALS

        admitted()
