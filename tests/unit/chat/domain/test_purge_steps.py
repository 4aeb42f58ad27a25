"""A purge of what a person wrote goes in short steps, each of which begins where the last one ended."""

import itertools
from time import time

import pytest
from chat.domain import purge
from chat.domain.messages import Draft, message_of
from chat.domain.people import Person
from chat.domain.purge import BATCH, Purge, Reached
from relay import Post, Relay

TROLL, ANA = Person("t1", "Troll"), Person("a1", "Ana")
ROOMS = ("coffee", "milk", "tea")


@pytest.fixture
async def relay() -> Relay:
    """Three rooms, in each of which both wrote three batches' worth."""
    relay = Relay.in_memory(lambda entry: b"")
    for room, number, author in itertools.product(ROOMS, range(3 * BATCH // 2), (TROLL, ANA)):
        draft = Draft.compose(author, f"number {number}", None, 100)
        await relay.log.append(room, Post(draft.id, draft.data()))
    return relay


async def texts_of(relay: Relay, person: Person) -> int:
    """How many of their messages are left, in all rooms."""
    pages = [await relay.log.read(room, limit=1000) for room in ROOMS]
    messages = [message_of(entry) for page in pages for entry in page.entries]
    return sum("text" in each and each["author"]["id"] == person.id for each in messages)


async def test_steps_together_purge_each_message_once(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here a step has time for one batch."""
    clock = itertools.count(step=0.7)
    monkeypatch.setattr(purge, "monotonic", lambda: next(clock))
    steps = [await Purge(relay).person(TROLL.id, None)]
    while steps[-1].room is not None:
        steps.append(await Purge(relay).person(TROLL.id, None, steps[-1].room, steps[-1].before))
        assert len(steps) < 100
    written = len(ROOMS) * 3 * BATCH // 2
    assert sum(step.purged for step in steps) == written
    assert max(step.purged for step in steps) <= BATCH
    assert [room for room, _ in itertools.groupby(step.room for step in steps)] == [*ROOMS, None]
    assert await texts_of(relay, TROLL) == 0
    assert await texts_of(relay, ANA) == written


async def test_a_purge_that_begins_in_a_room_leaves_those_before_it(relay: Relay) -> None:
    """They are done; and in the room it begins before the number that was reached."""
    each = 3 * BATCH // 2
    assert await Purge(relay).person(TROLL.id, None, "milk", 1) == Reached(each)
    assert await texts_of(relay, TROLL) == 2 * each


@pytest.mark.parametrize(("seconds", "left"), [(3600, 0), (60, 225), (None, 0)])
async def test_only_what_was_written_within_the_time_is_purged(
    relay: Relay, monkeypatch: pytest.MonkeyPatch, seconds: int | None, left: int
) -> None:
    """All was written ten minutes ago."""
    now = time() + 600
    monkeypatch.setattr(purge, "time", lambda: now)
    await Purge(relay).person(TROLL.id, seconds)
    assert await texts_of(relay, TROLL) == left
